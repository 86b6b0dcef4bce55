using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>cpu.shares, cpu.cfs_quota_us, cpu.cfs_period_us, cpu.cfs_burst_us, cpu.idle (Documentation/scheduler/sched-bwc.rst).</summary>
internal sealed class CpuV1(CgroupHierarchy hierarchy)
    : Controller("cpu", hierarchy, [CpuWeight, CpuMax, CpuPeriod, CpuBurst, CpuIdle])
{
    private const string Shares = "cpu.shares", Quota = "cpu.cfs_quota_us", Period = "cpu.cfs_period_us", Burst = "cpu.cfs_burst_us", Idle = "cpu.idle";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        if (files.Number(Quota) is not NumberValue quota || files.Number(Period) is not NumberValue period)
            return live;
        var idle = files.Flag(Idle);
        // An idle cgroup shows 3 shares and takes no others; its weight is what it will have again after.
        var weight = Equals(idle, FlagValue.True) ? (Value)100
            : files.Number(Shares) is NumberValue shares ? CpuShares.ToWeight(shares.Number) : null;
        return live
            .With(CpuWeight, weight)
            .With(CpuMax, quota.IsMax ? quota : CpuQuota.ToCpus(quota.Number, period.Number))
            .With(CpuPeriod, period)
            .With(CpuBurst, files.Number(Burst))
            .With(CpuIdle, idle);
    }

    public override ObjectValue Fresh(ObjectValue fresh) => CpuNormal.Fresh(fresh);

    public override ImmutableArray<(Field Field, string File)> Optional => [(CpuBurst, Burst), (CpuIdle, Idle)];

    protected override Field Proof => CpuMax;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        spec = CpuNormal.Normalize(spec, context);
        WithinAbove(spec, context);
        return spec;
    }

    public override void Write(Steps steps)
    {
        CpuNormal.WriteWeight(steps, Hierarchy, Idle, Shares, static w => CgroupFiles.Format(CpuShares.FromWeight(w)));

        CpuBandwidth.Of(steps, (field, part, value, undo, late) => steps.Write(Hierarchy, field, part switch
        {
            CpuBandwidth.Part.Quota => Quota,
            CpuBandwidth.Part.Period => Period,
            _ => Burst,
        }, value, undo, late));
    }

    // The kernel takes no quota/period above that of the nearest cgroup above with a limit (EINVAL).
    private void WithinAbove(ObjectValue spec, NormalContext context)
    {
        if (!context.Asks(CpuMax) || spec.Number(CpuMax) is not { } max || max == NumberValue.Max)
            return;
        var above = CgroupCheck.Above(context.Resource, context.Set, r => Limit(r, context));
        if (above is not { } found || Ratio(max, spec.Number(CpuPeriod) ?? context.Live?.Live.Number(CpuPeriod)) <= found.Value.Ratio)
            return;
        context.Error(CgroupCodes.BeyondParent, CpuMax,
            $"cpu.max {((ScalarType)CpuMax.Type).Format(new NumberValue(max))} is more than {found.Resource.Id} above it allows, which cgroup v1 refuses");
    }

    private sealed record Bound(long Ratio);

    // Stated; of an adopted cgroup that states none, the live one.
    private Bound? Limit(Resource resource, NormalContext context)
    {
        var live = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage
            ? ObjectValue.Empty
            : Read(Files(context.Reader, CgroupPaths.Of(resource, context.Set, context.Root, context.Reader)), ObjectValue.Empty);
        var max = (resource.Spec.Number(CpuMax) ?? live.Number(CpuMax)) is { } cpus && cpus != NumberValue.Max ? cpus : NumberValue.Max;
        return max == NumberValue.Max ? null : new Bound(Ratio(max, resource.Spec.Number(CpuPeriod) ?? live.Number(CpuPeriod)));
    }

    // As the kernel's to_ratio() compares them.
    private static long Ratio(long cpus, long? stated)
    {
        var period = stated ?? PeriodDefault;
        return (CpuQuota.FromCpus(cpus, period) << 20) / period;
    }
}
