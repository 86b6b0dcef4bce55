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

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        // A live cgroup with a quota and without these: the kernel is too old for them.
        if (context.Live is { } live && live.Live.Get(CpuMax) is not null)
            foreach (var (field, file) in new[] { (CpuBurst, Burst), (CpuIdle, Idle) })
                if (spec.Get(field) is not null && live.Live.Get(field) is null)
                    spec = Missing(spec, field, file, context);
        return CpuNormal.Normalize(spec, context);
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

    private static ObjectValue Missing(ObjectValue spec, Field field, string file, NormalContext context)
    {
        if (context.Asks(field))
            context.Error(CgroupCodes.NoFile, field, $"{field.Path}: this kernel has no {file}");
        return spec.With(field, null);
    }
}
