using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// memory.limit_in_bytes and memory.memsw.limit_in_bytes, the sum of memory and swap
/// (Documentation/admin-guide/cgroup-v1/memory.rst). The sum is never less than the memory, at any moment.
/// </summary>
internal sealed class MemoryV1(CgroupHierarchy hierarchy)
    : Controller("memory", hierarchy, [MemoryMin, MemoryLow, MemoryHigh, MemoryMax, SwapMax, OomGroup])
{
    private const string Limit = "memory.limit_in_bytes", Sum = "memory.memsw.limit_in_bytes";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        if (files.Number(Limit) is not NumberValue limit)
            return live;
        live = live.With(MemoryMax, limit);
        return files.Number(Sum) is NumberValue sum ? live.With(SwapMax, sum.IsMax ? sum : sum.Number - limit.Number) : live;
    }

    public override ObjectValue Fresh(ObjectValue fresh) => fresh.With(MemoryMax, NumberValue.Max).With(SwapMax, NumberValue.Max);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        foreach (var field in new[] { MemoryMin, MemoryLow, MemoryHigh, OomGroup })
        {
            if (context.Asks(field))
                context.Error(CgroupCodes.NotOnV1, field, $"{field.Path} needs cgroup v2; this host's memory controller is cgroup v1");
            spec = spec.With(field, null);
        }

        foreach (var field in new[] { MemoryMax, SwapMax })
            if (spec.Number(field) is { } bytes)
                spec = spec.With(field, CgroupFiles.WholePages(bytes, context.Reader.PageSize));
        if (spec.Get(SwapMax) is null)
            return spec;

        var limit = spec.Number(MemoryMax) ?? context.Live?.Live.Number(MemoryMax) ?? NumberValue.Max;
        if (context.Asks(SwapMax) && limit == NumberValue.Max)
            context.Error(CgroupCodes.SwapWithoutMemory, SwapMax,
                "memory.swapMax needs memory.max on this host: cgroup v1 limits swap only as part of the sum", "state memory.max as well");
        // Without swap accounting the file is missing everywhere; the top has it whenever a child has.
        if (Files(context.Reader, "").Has(Sum))
            return spec;
        if (context.Asks(SwapMax))
            context.Error(CgroupCodes.NoFile, SwapMax, $"memory.swapMax: this kernel has no {Sum} (swap accounting is off)");
        return spec.With(SwapMax, null);
    }

    public override void Write(Steps steps)
    {
        var (oldLimit, limit) = (steps.Number(MemoryMax, old: true), steps.Number(MemoryMax));
        var (oldSum, sum) = (SumOf(steps.From), SumOf(steps.To));
        // Lowering: first the memory, then the sum. Raising above the old sum: the sum must make room first.
        var sumFirst = limit > oldSum;
        if (sumFirst)
            WriteSum();
        if (limit != oldLimit)
            steps.Write(Hierarchy, MemoryMax, Limit, CgroupFiles.FormatV1(limit), CgroupFiles.FormatV1(oldLimit));
        if (!sumFirst)
            WriteSum();

        void WriteSum()
        {
            if (sum != oldSum && steps.To.Get(SwapMax) is not null)
                steps.Write(Hierarchy, steps.Differs(SwapMax) ? SwapMax : MemoryMax, Sum, CgroupFiles.FormatV1(sum), CgroupFiles.FormatV1(oldSum));
        }
    }

    private static long SumOf(ObjectValue spec)
    {
        var (limit, swap) = (spec.Number(MemoryMax) ?? NumberValue.Max, spec.Number(SwapMax) ?? NumberValue.Max);
        return limit == NumberValue.Max || swap >= NumberValue.Max - limit ? NumberValue.Max : limit + swap;
    }
}
