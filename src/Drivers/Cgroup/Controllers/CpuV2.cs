using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>cpu.weight, cpu.max, cpu.max.burst, cpu.idle (Documentation/admin-guide/cgroup-v2.rst).</summary>
internal sealed class CpuV2(CgroupHierarchy hierarchy)
    : Controller("cpu", hierarchy, [CpuWeight, CpuMax, CpuPeriod, CpuBurst, CpuIdle])
{
    private const string Weight = "cpu.weight", Max = "cpu.max", Burst = "cpu.max.burst", Idle = "cpu.idle";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        if (files.Text(Max)?.Split(' ') is not [var quota, var periodText]
            || CgroupFiles.ParseNumber(quota) is not { } limit || CgroupFiles.ParseNumber(periodText) is not { } period)
            return live;
        var idle = files.Flag(Idle);
        return live
            .With(CpuWeight, Equals(idle, FlagValue.True) ? 100 : files.Number(Weight))
            .With(CpuMax, limit.IsMax ? limit : CpuQuota.ToCpus(limit.Number, period.Number))
            .With(CpuPeriod, period)
            .With(CpuBurst, files.Number(Burst))
            .With(CpuIdle, idle);
    }

    public override ObjectValue Fresh(ObjectValue fresh) => CpuNormal.Fresh(fresh);

    public override ImmutableArray<(Field Field, string File)> Optional => [(CpuBurst, Burst), (CpuIdle, Idle)];

    protected override Field Proof => CpuMax;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context) => CpuNormal.Normalize(spec, context);

    public override void Write(Steps steps)
    {
        CpuNormal.WriteWeight(steps, Hierarchy, Idle, Weight, CgroupFiles.Format);

        var (oldBurst, burst) = (steps.From.Number(CpuBurst) ?? 0, steps.To.Number(CpuBurst) ?? 0);
        if (burst < oldBurst)
            steps.Write(Hierarchy, CpuBurst, Burst, CgroupFiles.Format(burst), CgroupFiles.Format(oldBurst));
        if (steps.Differs(CpuMax) || steps.Differs(CpuPeriod))
            steps.Write(Hierarchy, steps.Differs(CpuMax) ? CpuMax : CpuPeriod, Max, Bandwidth(steps, false), Bandwidth(steps, true));
        if (burst > oldBurst)
            steps.Write(Hierarchy, CpuBurst, Burst, CgroupFiles.Format(burst), CgroupFiles.Format(oldBurst));
    }

    private static string Bandwidth(Steps steps, bool old)
    {
        var period = (old ? steps.From : steps.To).Number(CpuPeriod) ?? PeriodDefault;
        var cpus = steps.Number(CpuMax, old);
        var quota = cpus == NumberValue.Max ? cpus : CpuQuota.FromCpus(cpus, period);
        return string.Create(CultureInfo.InvariantCulture, $"{CgroupFiles.Format(quota)} {period}");
    }
}
