using System.Globalization;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary><c>linux.resources</c>: terms of cgroup v1, as they are there or translated to v2.</summary>
internal static class ResourceReader
{
    public static RuntimeLimits Read(Member resources, IReadOnlyList<DeviceSpec> devices, bool unified)
    {
        var to = new List<RuntimeLimit>();
        Memory(to, resources["memory"], unified);
        Cpu(to, resources["cpu"], unified);
        if (resources["pids"]["limit"].Number() is { } pids)
            to.Add(new("pids", "pids.max", pids <= 0 ? "max" : Text(pids)));
        BlockIo(to, resources["blockIO"], unified);
        foreach (var page in resources["hugepageLimits"].Items())
            to.Add(new("hugetlb", $"hugetlb.{page["pageSize"].Required()}.{(unified ? "max" : "limit_in_bytes")}", Text(page["limit"].Large() ?? 0)));
        var rules = DeviceMembers.Read(resources["devices"], devices, unified, to);
        foreach (var (name, value) in resources["unified"].Members())
            if (!unified)
                value.Refuse("this host's controllers are of cgroup v1");
            else if (name.Contains('/') || !name.Contains('.') || name.StartsWith("cgroup.", StringComparison.Ordinal))
                value.Refuse($"{name} is no file of a controller");
            else
                to.Add(new("", name, value.Text() ?? ""));
        return new RuntimeLimits([.. to], rules);
    }

    private static void Memory(List<RuntimeLimit> to, Member memory, bool unified)
    {
        var (limit, swap) = (memory["limit"].Number(), memory["swap"].Number());
        if (limit is { } most)
            to.Add(new("memory", unified ? "memory.max" : "memory.limit_in_bytes", Bound(most, unified)));
        // The sum of both on v1, swap alone on v2.
        if (swap is { } sum)
        {
            if (!unified)
                to.Add(new("memory", "memory.memsw.limit_in_bytes", Text(sum)));
            else if (sum > 0 && limit is not > 0)
                memory["swap"].Refuse("a limit of swap needs one of memory: it is the sum of both");
            else if (sum > 0 && sum < limit)
                memory["swap"].Refuse("is below the limit of memory: it is the sum of both");
            else if (sum != 0)
                to.Add(new("memory", "memory.swap.max", sum < 0 ? "max" : Text(sum - limit!.Value)));
        }

        if (memory["reservation"].Number() is { } low)
            to.Add(new("memory", unified ? "memory.low" : "memory.soft_limit_in_bytes", Bound(low, unified)));
        if (memory["swappiness"].Number() is { } swappiness)
        {
            if (unified)
                memory["swappiness"].Refuse("cgroup v2 has none");
            else
                to.Add(new("memory", "memory.swappiness", Text(swappiness)));
        }

        if (!memory["disableOOMKiller"].Flag())
            return;
        if (unified)
            memory["disableOOMKiller"].Refuse("cgroup v2 cannot");
        else
            to.Add(new("memory", "memory.oom_control", "1"));
    }

    private static void Cpu(List<RuntimeLimit> to, Member cpu, bool unified)
    {
        if (cpu["shares"].Number() is > 0 and var shares)
            to.Add(unified ? new("cpu", "cpu.weight", Text(Weight(shares))) : new("cpu", "cpu.shares", Text(shares)));
        var (quota, period) = (cpu["quota"].Number(), cpu["period"].Number());
        if (unified && (quota is not null || period is not null))
            to.Add(new("cpu", "cpu.max", $"{(quota is > 0 and var most ? Text(most) : "max")} {Text(period is > 0 and var every ? every : 100_000)}"));
        if (!unified && period is > 0 and var length)
            to.Add(new("cpu", "cpu.cfs_period_us", Text(length)));
        if (!unified && quota is { } runtime)
            to.Add(new("cpu", "cpu.cfs_quota_us", Text(runtime <= 0 ? -1 : runtime)));
        if (cpu["burst"].Number() is { } burst)
            to.Add(new("cpu", unified ? "cpu.max.burst" : "cpu.cfs_burst_us", Text(burst)));
        foreach (var (name, file) in new[] { ("realtimePeriod", "cpu.rt_period_us"), ("realtimeRuntime", "cpu.rt_runtime_us") })
            if (cpu[name].Number() is { } value and not 0)
            {
                if (unified)
                    cpu[name].Refuse("cgroup v2 has none");
                else
                    to.Add(new("cpu", file, Text(value)));
            }

        if (cpu["idle"].Number() is { } idle)
            to.Add(new("cpu", "cpu.idle", Text(idle)));
        if (cpu["cpus"].Filled() is { } cpus)
            to.Add(new("cpuset", "cpuset.cpus", cpus));
        if (cpu["mems"].Filled() is { } mems)
            to.Add(new("cpuset", "cpuset.mems", mems));
    }

    private static void BlockIo(List<RuntimeLimit> to, Member io, bool unified)
    {
        if (io["weight"].Number() is > 0 and var weight)
            to.Add(unified ? new("io", "io.weight", "default " + Text(1 + ((weight - 10) * 9999 / 990))) : new("blkio", "blkio.weight", Text(weight)));
        foreach (var (name, v1, v2) in new[]
        {
            ("throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"), ("throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"),
            ("throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"), ("throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"),
        })
            foreach (var device in io[name].Items())
            {
                var (node, rate) = ($"{Text(device["major"].Number() ?? 0)}:{Text(device["minor"].Number() ?? 0)}", device["rate"].Large() ?? 0);
                to.Add(unified ? new("io", "io.max", $"{node} {v2}={(rate == 0 ? "max" : Text(rate))}") : new("blkio", v1, $"{node} {Text(rate)}"));
            }
    }

    /// <summary>1024 is 100, the default of both, and the ends of both meet (ceil of 10^((l² + 125 l)/612 − 7/34)).</summary>
    internal static long Weight(long shares)
    {
        var log = Math.Log2(Math.Clamp(shares, 2, 262144));
        return Math.Clamp((long)Math.Ceiling(Math.Pow(10, (((log * log) + (125 * log)) / 612) - (7.0 / 34))), 1, 10000);
    }

    private static string Bound(long value, bool unified) => value >= 0 ? Text(value) : unified ? "max" : "-1";

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
