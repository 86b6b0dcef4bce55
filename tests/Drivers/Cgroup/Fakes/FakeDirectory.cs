using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>One cgroup of the model: its files, and what a kernel refuses to have written to them.</summary>
internal sealed class FakeDirectory
{
    private const string V1Unlimited = "9223372036854771712";
    private readonly FakeDirectory? _parent;

    public FakeDirectory(CgroupHierarchy hierarchy, FakeDirectory? parent, string path)
    {
        (Hierarchy, _parent, Path) = (hierarchy, parent, path);
        if (hierarchy.Unified)
        {
            Files["cgroup.procs"] = "";
            Files["cgroup.subtree_control"] = "";
            if (parent is not null)
                Files["cgroup.type"] = "domain";
            foreach (var controller in parent?.Enabled ?? [])
                AddV2(controller);
        }
        else
        {
            Files["cgroup.procs"] = "";
            AddV1(hierarchy.Controllers[0]);
        }
    }

    public CgroupHierarchy Hierarchy { get; }

    public string Path { get; }

    public SortedDictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Marks { get; } = new(StringComparer.Ordinal);

    public ImmutableArray<DeviceRule>? Devices { get; set; }

    private string[] Enabled => Files["cgroup.subtree_control"].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public void Mark(string name, string? value)
    {
        if (value is null)
            Marks.Remove(name);
        else
            Marks[name] = value;
    }

    public int Enable(IEnumerable<string> controllers, IEnumerable<FakeDirectory> children)
    {
        foreach (var controller in controllers.Except(Enabled))
        {
            // Top-down: what the parent does not offer cannot be passed on.
            if (_parent is null ? !Hierarchy.Controllers.Contains(controller) : !_parent.Enabled.Contains(controller))
                return Errno.ENOENT;
            Files["cgroup.subtree_control"] = string.Join(' ', Enabled.Append(controller).Order(StringComparer.Ordinal));
            foreach (var child in children)
                child.AddV2(controller);
        }

        return 0;
    }

    /// <summary>What a child passes on stays (EBUSY); what does not stay takes the children's limits with it.</summary>
    public void Disable(IEnumerable<string> controllers, IReadOnlyList<FakeDirectory> children)
    {
        var off = controllers.Where(c => !children.Any(child => child.Enabled.Contains(c))).ToList();
        Files["cgroup.subtree_control"] = string.Join(' ', Enabled.Except(off));
        foreach (var child in children)
            foreach (var file in child.Files.Keys.Where(f => off.Any(c => f.StartsWith(c + ".", StringComparison.Ordinal))).ToList())
                child.Files.Remove(file);
    }

    public int Write(string file, string value, IReadOnlyList<FakeDirectory> children)
    {
        if (file is "devices.allow" or "devices.deny")
            return WriteDevices(file == "devices.allow", value, children);
        if (!Files.ContainsKey(file))
            return Errno.ENOENT;
        var old = Files[file];
        Files[file] = Shown(file, value, old);
        if (Refusal(file, old, children) is var errno and not 0)
        {
            Files[file] = old;
            return errno;
        }

        if (file == "cpu.idle" && value != old)
            Files[Hierarchy.Unified ? "cpu.weight" : "cpu.shares"] =
                value == "1" ? (Hierarchy.Unified ? "1" : "3") : Hierarchy.Unified ? "100" : "1024";
        return 0;
    }

    private string Shown(string file, string value, string old)
    {
        if (file.Contains("throttle", StringComparison.Ordinal))
        {
            var parts = value.Split(' ');
            var lines = old.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith(parts[0] + " ", StringComparison.Ordinal));
            return string.Join('\n', parts[1] == "0" ? lines : lines.Append(value));
        }

        if (file == "io.max")
            return IoMax(value, old);
        if (file == "cpu.max")
            return value.Split(' ') is [var quota, var period] ? $"{quota} {period}" : value;
        if (value == "\n")
            return "";
        if (file.EndsWith("in_bytes", StringComparison.Ordinal))
            return value == "-1" ? V1Unlimited : $"{long.Parse(value, CultureInfo.InvariantCulture) / 4096 * 4096}";
        return value;
    }

    private static string IoMax(string value, string old)
    {
        string[] keys = ["rbps", "wbps", "riops", "wiops"];
        var device = value.Split(' ')[0];
        var line = old.Split('\n').FirstOrDefault(l => l.StartsWith(device + " ", StringComparison.Ordinal)) ?? "";
        string Of(string text, string key) => text.Split(' ').FirstOrDefault(p => p.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..] ?? "";
        var merged = keys.Select(k => (Key: k, Value: Of(value, k) is { Length: > 0 } set ? set : Of(line, k) is { Length: > 0 } had ? had : "max")).ToList();
        var others = old.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l != line);
        return string.Join('\n', merged.All(static m => m.Value == "max")
            ? others
            : others.Append($"{device} {string.Join(' ', merged.Select(static m => $"{m.Key}={m.Value}"))}"));
    }

    // Looks at the state with the new value in it.
    private int Refusal(string file, string old, IReadOnlyList<FakeDirectory> children)
    {
        switch (file)
        {
            case "memory.limit_in_bytes" or "memory.memsw.limit_in_bytes":
                return Long("memory.limit_in_bytes") > Long("memory.memsw.limit_in_bytes") ? Errno.EINVAL : 0;
            case "cpu.cfs_burst_us" or "cpu.cfs_quota_us" or "cpu.cfs_period_us":
                if (Long("cpu.cfs_quota_us") is >= 0 and var quota && (quota < 1000 || Long("cpu.cfs_burst_us") > quota))
                    return Errno.EINVAL;
                return Ratio > (_parent?.Effective ?? double.PositiveInfinity) || children.Any(c => c.HasQuota && c.Ratio > Effective) ? Errno.EINVAL : 0;
            case "cpu.shares" or "cpu.weight":
                return Files["cpu.idle"] == "1" ? Errno.EINVAL : 0;
            case "cpuset.cpus" when !Hierarchy.Unified:
                return !Set(_parent!).IsSupersetOf(Set(this)) ? Errno.EACCES : children.Any(c => !Set(this).IsSupersetOf(Set(c))) ? Errno.EBUSY : 0;
            case "cpu.max.burst" or "cpu.max" when Files["cpu.max"].Split(' ')[0] is not "max" and var limit:
                return long.Parse(limit, CultureInfo.InvariantCulture) < Long("cpu.max.burst") ? Errno.EINVAL : 0;
            default:
                return 0;
        }
    }

    private int WriteDevices(bool allow, string value, IReadOnlyList<FakeDirectory> children)
    {
        var list = Files["devices.list"];
        if (value == "a")
        {
            if (children.Count > 0)
                return Errno.EINVAL;
            Files["devices.list"] = allow ? "a *:* rwm" : "";
            return 0;
        }

        if (list.StartsWith('a'))
            return 0;
        var rule = DeviceRule.Parse(value)!;
        var rules = list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => DeviceRule.Parse(l)!).ToList();
        rules = allow
            ? [.. DeviceRule.Normal(rules.Append(rule))]
            : [.. rules.Select(r => r.Device == rule.Device ? r with { Access = r.Access & ~rule.Access } : r).Where(static r => r.Access != DeviceAccess.None)];
        Files["devices.list"] = string.Join('\n', rules);
        return 0;
    }

    private void AddV1(string controller)
    {
        var top = _parent is null;
        (string, string)[] files = controller switch
        {
            "cpu" => [("cpu.shares", "1024"), ("cpu.cfs_quota_us", "-1"), ("cpu.cfs_period_us", "100000"), ("cpu.cfs_burst_us", "0"), ("cpu.idle", "0")],
            "cpuset" => [("cpuset.cpus", top ? "0-3" : _parent!.Files["cpuset.cpus"]), ("cpuset.mems", "0")],
            "memory" => [("memory.limit_in_bytes", V1Unlimited), ("memory.memsw.limit_in_bytes", V1Unlimited), ("memory.usage_in_bytes", "0")],
            "pids" => [("pids.max", "max"), ("pids.current", "0")],
            "devices" => [("devices.list", top ? "a *:* rwm" : _parent!.Files["devices.list"])],
            _ =>
            [
                (top ? "blkio.bfq.io_serviced" : "blkio.bfq.weight", "100"), ("blkio.throttle.read_bps_device", ""), ("blkio.throttle.write_bps_device", ""),
                ("blkio.throttle.read_iops_device", ""), ("blkio.throttle.write_iops_device", ""),
            ],
        };
        foreach (var (name, value) in files)
            Files[name] = value;
    }

    private void AddV2(string controller)
    {
        (string, string)[] files = controller switch
        {
            "cpu" => [("cpu.weight", "100"), ("cpu.max", "max 100000"), ("cpu.max.burst", "0"), ("cpu.idle", "0")],
            "cpuset" => [("cpuset.cpus", ""), ("cpuset.mems", ""), ("cpuset.cpus.partition", "member")],
            "memory" =>
            [
                ("memory.min", "0"), ("memory.low", "0"), ("memory.high", "max"), ("memory.max", "max"),
                ("memory.swap.max", "max"), ("memory.oom.group", "0"), ("memory.current", "0"),
            ],
            "io" => [("io.max", ""), ("io.bfq.weight", "default 100")],
            "pids" => [("pids.max", "max"), ("pids.current", "0")],
            _ => [("hugetlb.2MB.max", "max"), ("hugetlb.1GB.max", "max")],
        };
        foreach (var (name, value) in files)
            Files.TryAdd(name, value);
    }

    private bool HasQuota => Long("cpu.cfs_quota_us") >= 0;

    private double Ratio => HasQuota ? (double)Long("cpu.cfs_quota_us") / Long("cpu.cfs_period_us") : 0;

    private double Effective => HasQuota ? Ratio : _parent?.Effective ?? double.PositiveInfinity;

    private long Long(string file) => long.Parse(Files[file], CultureInfo.InvariantCulture);

    private static SortedSet<int> Set(FakeDirectory directory) => CpuList.Parse(directory.Files["cpuset.cpus"]);
}
