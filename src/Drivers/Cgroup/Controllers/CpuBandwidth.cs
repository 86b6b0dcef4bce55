using System.Globalization;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// The order of cgroup v1's quota, period and burst, each in a file of its own. The kernel refuses (EINVAL) a burst
/// above the quota, and a quota/period above the parent's or below a child's, at every single write.
/// </summary>
internal static class CpuBandwidth
{
    public enum Part
    {
        Quota,
        Period,
        Burst,
    }

    public delegate void Writer(Field field, Part part, string value, string? undo, bool late);

    private readonly record struct State(long Quota, long Period)
    {
        public double Ratio => Quota == NumberValue.Max ? double.PositiveInfinity : (double)Quota / Period;
    }

    public static void Of(Steps steps, Writer write)
    {
        var (old, now) = (At(steps, true), At(steps, false));
        var (oldBurst, burst) = (steps.From.Number(CpuBurst) ?? 0, steps.To.Number(CpuBurst) ?? 0);
        // A parent shrinks after its children have.
        var late = steps.HasChildren && now.Ratio < old.Ratio;
        if (burst < oldBurst)
            write(CpuBurst, Part.Burst, Text(burst), Text(oldBurst), false);
        foreach (var (part, value, undo) in Order(old, now, steps.HasChildren))
            write(part == Part.Quota ? CpuMax : CpuPeriod, part, Text(value), Text(undo), late);
        if (burst > oldBurst)
            write(CpuBurst, Part.Burst, Text(burst), Text(oldBurst), late);
    }

    private static IEnumerable<(Part Part, long Value, long Undo)> Order(State old, State now, bool hasChildren)
    {
        var quota = (Part.Quota, now.Quota, old.Quota);
        var period = (Part.Period, now.Period, old.Period);
        if (old.Period == now.Period)
            return old.Quota == now.Quota ? [] : [quota];
        if (old.Quota == now.Quota)
            return [period];

        // What stands between the two writes must not be above both ends, nor, with children, below both.
        var (least, most) = (Math.Min(old.Ratio, now.Ratio), Math.Max(old.Ratio, now.Ratio));
        bool Fits(State between) => between.Ratio <= most && (between.Ratio >= least || !hasChildren);
        if (Fits(new State(old.Quota, now.Period)))
            return [period, quota];
        if (Fits(new State(now.Quota, old.Period)))
            return [quota, period];
        // Without a quota of its own it has its parent's for a moment, which always fits.
        return [(Part.Quota, NumberValue.Max, old.Quota), period, (Part.Quota, now.Quota, NumberValue.Max)];
    }

    private static State At(Steps steps, bool old)
    {
        var period = (old ? steps.From : steps.To).Number(CpuPeriod) ?? PeriodDefault;
        var cpus = steps.Number(CpuMax, old);
        return new State(cpus == NumberValue.Max ? cpus : CpuQuota.FromCpus(cpus, period), period);
    }

    private static string Text(long value) => value == NumberValue.Max ? "-1" : value.ToString(CultureInfo.InvariantCulture);
}
