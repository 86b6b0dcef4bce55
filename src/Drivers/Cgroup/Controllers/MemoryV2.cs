using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>memory.min, low, high, max, swap.max and oom.group of cgroup v2.</summary>
internal sealed class MemoryV2(CgroupHierarchy hierarchy, ICgroupReader reader)
    : Controller("memory", hierarchy, [MemoryMin, MemoryLow, MemoryHigh, MemoryMax, SwapMax, OomGroup])
{
    private static readonly (Field Field, string File)[] Limits =
    [
        (MemoryMin, "memory.min"), (MemoryLow, "memory.low"), (MemoryHigh, "memory.high"),
        (MemoryMax, "memory.max"), (SwapMax, "memory.swap.max"),
    ];

    private const string Group = "memory.oom.group";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        foreach (var (field, file) in Limits)
            live = live.With(field, files.Number(file));
        return live.With(OomGroup, files.Flag(Group));
    }

    public override ObjectValue Fresh(ObjectValue fresh) => fresh
        .With(MemoryMin, 0).With(MemoryLow, 0).With(MemoryHigh, NumberValue.Max)
        .With(MemoryMax, NumberValue.Max).With(SwapMax, NumberValue.Max).With(OomGroup, false);

    // memory.swap.max needs swap accounting, memory.oom.group Linux 4.19.
    public override ImmutableArray<(Field Field, string File)> Optional => [.. Limits.Where(static l => l.Field != MemoryMax), (OomGroup, Group)];

    protected override Field Proof => MemoryMax;

    protected override bool IsDefault(Field field, Value value) =>
        base.IsDefault(field, value is NumberValue bytes ? new NumberValue(CgroupFiles.WholePages(bytes.Number, reader.PageSize)) : value);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        foreach (var (field, _) in Limits)
            if (spec.Number(field) is { } bytes)
                spec = spec.With(field, CgroupFiles.WholePages(bytes, reader.PageSize));
        return spec;
    }

    public override void Write(Steps steps)
    {
        foreach (var (field, file) in Limits)
            if (steps.Differs(field))
                steps.Write(Hierarchy, field, file, CgroupFiles.Format(steps.Number(field)), CgroupFiles.Format(steps.Number(field, old: true)));
        if (steps.Differs(OomGroup))
            steps.Write(Hierarchy, OomGroup, Group, steps.To.Flag(OomGroup) == true ? "1" : "0", steps.From.Flag(OomGroup) == true ? "1" : "0");
    }
}
