using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Provision.Testing.States;

/// <summary>
/// All that a world shows, by other eyes than Provision's: links, addresses and routes by ip(8), inside containers too,
/// cgroups by their files, processes by /proc. What differs from host to host (names of the instance, indexes, random MAC
/// addresses) is left out, so that two worlds in the same state look the same.
/// </summary>
internal static partial class Witness
{
    // Counters and clocks, which move by themselves, and what the cgroups above offer.
    private static readonly string[] Moving =
    [
        "cgroup.controllers", "cpuacct.", "stat", "usage", "memory.kmem", "blkio.bfq.io", "blkio.throttle.io", "pressure", "memory.failcnt", "memory.memsw.failcnt",
        "memory.current", "memory.peak", "pids.current", "pids.peak", "events", "cgroup.procs", "tasks", "cgroup.threads", "memory.swap.peak", "memory.swap.current",
        "hugetlb.2MB.failcnt", "hugetlb.1GB.failcnt", ".current", "memory.numa", "rdma", "misc", "cgroup.clone_children", "effective", "memory.reclaim",
    ];

    // Clocks of the spanning tree, what it elects, and numbers that the kernel gives.
    private static readonly string[] Electing =
        ["timer", "_id", "root_", "designated", "topology", "state", "no", "id", "config_pending", "group_address", "mcast_startup", "learned", "mcast_querier_ipv"];

    // What a limit of pages says before anybody has written max.
    private const string Unlimited = "9223372036854771712";

    /// <param name="manifests">The set that was applied: MAC addresses and costs are compared only where they are declared.</param>
    public static string Of(World world, string manifests)
    {
        var declared = Declared().Matches(manifests).Select(static m => m.Groups[2] is { Success: true } port ? $"cost {port.Value}" : m.Value).ToHashSet();
        var lines = new List<string>(Network(world.Netns.Run("sh", "-c", "ip -j -d address; ip -j route show table all"), declared, static name => !name.StartsWith("fr", StringComparison.Ordinal)));
        foreach (var directory in world.Instance.CgroupDirectories().Where(IsDeclared))
            lines.AddRange(Cgroup(directory));
        foreach (var (name, pid) in Containers(world))
            lines.AddRange(Process(pid, declared).Select(l => $"{name}: {l}"));
        return string.Join('\n', lines.Select(l => l.Replace(world.Instance.Name, "INSTANCE", StringComparison.Ordinal)));
    }

    // Below the instance's root, which is nobody's resource.
    private static bool IsDeclared(string directory) =>
        directory.EndsWith(".cg", StringComparison.Ordinal) || directory.EndsWith(".ctr", StringComparison.Ordinal);

    /// <summary>The first process of every container that runs.</summary>
    public static SortedDictionary<string, int> Containers(World world)
    {
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var directory in world.Instance.CgroupDirectories().Where(d => d.EndsWith(".ctr", StringComparison.Ordinal) && d.StartsWith(Hierarchies.Unified!, StringComparison.Ordinal)))
            if (File.ReadAllLines($"{directory}/cgroup.procs") is [var pid, ..])
                found[Path.GetFileNameWithoutExtension(directory)] = int.Parse(pid, CultureInfo.InvariantCulture);
        return found;
    }

    /// <summary>What <c>ip -j -d address; ip -j route show table all</c> tells, a line each.</summary>
    public static IEnumerable<string> Network(CommandResult told, IReadOnlySet<string> declared, Func<string, bool> shown)
    {
        var cut = told.Succeeded().Out.IndexOf("]\n[", StringComparison.Ordinal) is >= 0 and var at ? at + 1 : told.Out.Length;
        foreach (var link in JsonDocument.Parse(told.Out[..cut]).RootElement.EnumerateArray().Where(l => l.TryGetProperty("ifname", out var n) && shown(n.GetString()!)).OrderBy(Name, StringComparer.Ordinal))
            foreach (var line in Link(link, declared))
                yield return $"{Name(link)}: {line}";
        if (told.Out[cut..].Trim() is { Length: > 0 } routes)
            foreach (var line in JsonDocument.Parse(routes).RootElement.EnumerateArray().Where(r => shown(Text(r, "dev")) && !(Text(r, "dst").Contains(':') && Text(r, "protocol") == "kernel")).Select(Route).Order(StringComparer.Ordinal))
                yield return line;
    }

    // Host ends of containers have names of their instance: they go by their marks.
    private static string Name(JsonElement link) => Text(link, "ifname") is var name && name.StartsWith("pv", StringComparison.Ordinal) ? Text(link, "ifalias") : name;

    private static IEnumerable<string> Link(JsonElement link, IReadOnlySet<string> declared)
    {
        yield return $"{(link.GetProperty("flags").EnumerateArray().Any(static f => f.GetString() == "UP") ? "up" : "down")} mtu {Text(link, "mtu")} master {Text(link, "master")} alias {Text(link, "ifalias")}";
        if (declared.Contains(Text(link, "address")))
            yield return $"address {Text(link, "address")}";
        if (link.TryGetProperty("linkinfo", out var info))
            foreach (var part in (string[])["info_kind", "info_data", "info_slave_data"])
                if (info.TryGetProperty(part, out var data))
                    foreach (var line in data.ValueKind == JsonValueKind.Object ? Settings(data, declared.Contains($"cost {Text(link, "ifname")}")) : [data.ToString()])
                        yield return $"{part} {line}";
        foreach (var address in link.GetProperty("addr_info").EnumerateArray().Where(static a => a.EnumerateObject().Any()).Select(Address).Where(static a => !Automatic().IsMatch(a)).Order(StringComparer.Ordinal))
            yield return address;
    }

    private static IEnumerable<string> Settings(JsonElement data, bool costs) => data.EnumerateObject()
        .Where(s => s.Name != "cost" || costs)
        .Where(static s => s.Name == "stp_state" || !Array.Exists(Electing, e => e is "no" or "id" ? s.Name == e : s.Name.Contains(e, StringComparison.Ordinal)))
        .Select(static s => $"{s.Name} {s.Value}");

    private static string Address(JsonElement address) =>
        $"{Text(address, "local")}/{Text(address, "prefixlen")} scope {Text(address, "scope")} valid {Text(address, "valid_life_time")}{ByOrder($"secondary {Text(address, "secondary")}")}";

    private static string Route(JsonElement route) =>
        $"route {Text(route, "type")} {Text(route, "dst")} via {Text(route, "gateway")} dev {Text(route, "dev")} table {Text(route, "table")} {Text(route, "protocol")} {Text(route, "scope")} metric {Text(route, "metric")}{(Text(route, "protocol") == "kernel" ? ByOrder($"src {Text(route, "prefsrc")}") : "")}";

    // Of several addresses in a network the first that came is the primary, which no manifest declares.
    private static string ByOrder(string text) => $" [{text}]";

    /// <summary>
    /// Without what depends on how things came to be: the order of addresses, and MTUs where a Bridge declares none and a
    /// container's link was made with what it had.
    /// </summary>
    public static string WithoutHistory(string picture, string manifests)
    {
        var documents = manifests.Split("---\n");
        var follows = documents.Any(static d => d.Contains("kind: Bridge", StringComparison.Ordinal) && !d.Contains("\n  mtu:", StringComparison.Ordinal))
            && documents.Any(static d => d.Contains("kind: Container", StringComparison.Ordinal));
        return Ordered().Replace(follows ? Mtu().Replace(picture, "") : picture, "");
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "-";

    public static IEnumerable<string> Cgroup(string directory)
    {

        var bare = Path.GetFileName(directory).StartsWith("provision-", StringComparison.Ordinal) && File.Exists($"{directory}/cgroup.controllers");
        yield return directory;
        foreach (var file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
            if (Path.GetFileName(file) is var name && !Array.Exists(Moving, name.Contains) && (!bare || name.StartsWith("cgroup.", StringComparison.Ordinal)) && Read(file) is { } text)
                yield return $"{directory}/{name}: {text}";
    }

    // Event files and those that are only written.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim().Replace('\n', ';').Replace(Unlimited, "max", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Process(int pid, IReadOnlySet<string> declared)
    {
        yield return $"cmdline {File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ')}";
        yield return $"environ {File.ReadAllText($"/proc/{pid}/environ").Replace('\0', ' ')}";
        yield return $"oom_score_adj {Read($"/proc/{pid}/oom_score_adj")}";
        yield return $"cwd {new FileInfo($"/proc/{pid}/cwd").LinkTarget}";
        yield return $"limits {Spaces().Replace(Read($"/proc/{pid}/limits")!, " ")}";
        foreach (var line in File.ReadAllLines($"/proc/{pid}/status").Where(static l => Status().IsMatch(l)))
            yield return line;
        // The overlay's own directories are random.
        foreach (var line in File.ReadAllLines($"/proc/{pid}/mountinfo").Select(static l => l.Split(' ')).Select(static f => $"mount {f[4]} {f[5]} {f[Array.IndexOf(f, "-") + 1]}").Order(StringComparer.Ordinal))
            yield return line;
        var told = Command.Run("nsenter", [$"--net=/proc/{pid}/ns/net", $"--uts=/proc/{pid}/ns/uts", "sh", "-c", "ip -j -d address; ip -j route show table all; hostname >&2"]);
        foreach (var line in Network(told, declared, static _ => true))
            yield return line;
        yield return $"hostname {told.Err.Trim()}";
    }

    [GeneratedRegex("02:00:00:dd(:[0-9a-f]{2}){2}|link: (eth[0-9])[^{}]*cost:")]
    private static partial Regex Declared();

    // Comes with the carrier, some time after.
    [GeneratedRegex("^fe80::(?!5/)")]
    private static partial Regex Automatic();

    [GeneratedRegex("^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters):")]
    private static partial Regex Status();

    [GeneratedRegex(@" \[(secondary|src) [^\]]*\]")]
    private static partial Regex Ordered();

    [GeneratedRegex(" mtu [0-9]+")]
    private static partial Regex Mtu();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
