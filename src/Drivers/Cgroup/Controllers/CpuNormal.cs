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
        return spec;
    }
}
