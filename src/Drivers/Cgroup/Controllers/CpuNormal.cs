using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>The normal form of the cpu fields, the same for both versions.</summary>
internal static class CpuNormal
{
    public static ObjectValue Fresh(ObjectValue fresh) => fresh
        .With(CpuWeight, 100).With(CpuMax, NumberValue.Max).With(CpuPeriod, PeriodDefault).With(CpuBurst, 0).With(CpuIdle, false);

    /// <summary>cpu.max as the kernel keeps it: whole microseconds a period.</summary>
    public static ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        // An adopted cgroup may state max alone: the period is then the one that it has.
        var period = spec.Number(CpuPeriod) ?? context.Live?.Live.Number(CpuPeriod) ?? PeriodDefault;
        if (spec.Number(CpuMax) is { } max && max != NumberValue.Max)
            spec = spec.With(CpuMax, CpuQuota.Round(max, period));
        // While it is idle, by the manifest or by others, it has no weight that could be compared or written.
        var stated = context.Exempt(CpuIdle) ? null : spec.Flag(CpuIdle);
        return (stated ?? context.Live?.Live.Flag(CpuIdle)) == true ? spec.With(CpuWeight, null) : spec;
    }

    /// <summary>
    /// Idle and weight. While idle the kernel takes no weight (EINVAL), and leaving idle resets it to the default,
    /// whatever it was before.
    /// </summary>
    /// <param name="text">A weight as the file wants it.</param>
    public static void WriteWeight(Steps steps, CgroupHierarchy hierarchy, string idleFile, string weightFile, Func<long, string> text)
    {
        var idle = steps.To.Flag(CpuIdle) == true;
        var oldWeight = text(steps.From.Number(CpuWeight) ?? 100);
        if (steps.Differs(CpuIdle))
        {
            steps.Write(hierarchy, CpuIdle, idleFile, idle ? "1" : "0", idle ? "0" : "1");
            if (idle)
                steps.UndoLast(new CgroupWrites(hierarchy.Name, steps.Path, [(idleFile, "0"), (weightFile, oldWeight)]));
        }

        var leavesIdle = steps.Differs(CpuIdle) && !idle;
        if (!idle && steps.To.Number(CpuWeight) is { } weight && (steps.Differs(CpuWeight) || (leavesIdle && weight != 100)))
            steps.Write(hierarchy, CpuWeight, weightFile, text(weight), leavesIdle ? null : oldWeight);
    }
}
