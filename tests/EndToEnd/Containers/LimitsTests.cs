using System.Text.RegularExpressions;

namespace Provision.EndToEnd.Containers;

/// <summary>What bounds a container, by manifest, seen by /proc and from inside.</summary>
public sealed class LimitsTests : ContainerLab
{
    // The field, its row in /proc/PID/limits, and the number that the kernel shows for 1 of the manifest's unit.
    private static readonly (string Field, string Row, string Unit, long Scale)[] Rlimits =
    [
        ("cpu", "Max cpu time", "", 1),
        ("fsize", "Max file size", "Mi", 1 << 20),
        ("data", "Max data size", "Mi", 1 << 20),
        ("stack", "Max stack size", "Mi", 1 << 20),
        ("core", "Max core file size", "Ki", 1 << 10),
        ("rss", "Max resident set", "Mi", 1 << 20),
        ("nproc", "Max processes", "", 1),
        ("nofile", "Max open files", "", 1),
        ("memlock", "Max locked memory", "Ki", 1 << 10),
        ("as", "Max address space", "Mi", 1 << 20),
        ("locks", "Max file locks", "", 1),
        ("sigpending", "Max pending signals", "", 1),
        ("msgqueue", "Max msgqueue size", "Ki", 1 << 10),
        ("nice", "Max nice priority", "", 1),
        ("rtprio", "Max realtime priority", "", 1),
        ("rttime", "Max realtime timeout", "", 1),
    ];

    // In the manifest's unit; the tests' own hard limits are those of the supervisor that they start.
    private static readonly long[] Highest = [.. Rlimits.Select(static r => MayRaise || !Shown("self").TryGetValue(r.Row, out var own) ? long.MaxValue : own.Item2 / r.Scale)];

    // CAP_SYS_RESOURCE.
    private static bool MayRaise => (Convert.ToUInt64(File.ReadLines("/proc/self/status").Single(static l => l.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim(), 16) & 1 << 24) != 0;

    [RootFact]
    public void Apply_EveryRlimit_IsWhatTheKernelShowsAndChangesInPlace()
    {
        var path = Lab.Write("limits.yaml", Limited(0));
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Assert.Equal(Expected(0), Shown($"{pid}"));
        Lab.Plan(0, path);

        Lab.Write("limits.yaml", Limited(1));
        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Assert.Equal(Expected(1), Shown($"{pid}"));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_ADevice_IsUsableInsideAndNoOtherIs()
    {
        var path = Lab.Write("device.yaml", Container("devices: [{path: /dev/net/tun}]"));
        Lab.Apply(path);

        Assert.Equal("usable\n", Inside(": <> /dev/net/tun && echo usable").Succeeded().Out);
        // Its own node of the kernel's messages is of no use, by the mount that it lies on,
        Assert.Contains("Permission denied", Inside("busybox mknod /dev/mine c 1 11 && : < /dev/mine").Err, StringComparison.Ordinal);
        // and by its cgroup: a process of the host's, where no such mount is, may use the one and not the other.
        Assert.Equal("tun kmsg\n", Use("self"));
        Assert.Equal("tun\n", Use(Hierarchies.V1("devices") is null ? Lab.Instance.Unified("web-1.ctr") : Lab.Instance.V1("devices", "web-1.ctr")));
        Lab.Plan(0, path);
    }

    // Which of the two devices can be opened in this cgroup.
    private static string Use(string cgroup) => Command.Run(
        "sh", ["-c", "[ $0 = self ] || echo $$ > $0/cgroup.procs || exit 9; (: <> /dev/net/tun) && can=tun; (: < /dev/kmsg) && can=\"$can kmsg\"; echo $can", cgroup]).Succeeded().Out;

    private CommandResult Inside(string line) => Command.Run(
        Binary.Path, ["exec", "--instance", Lab.Instance.Name, "web-1", "--", "/bin/busybox", "sh", "-c", line.Replace("busybox", "/bin/busybox")]);

    private static string Limited(int step) => Container(
        $"rlimits: {{{string.Join(", ", Rlimits.Select((r, i) => $"{r.Field}: {{soft: {Soft(i, step)}{r.Unit}, hard: {Hard(i, step)}{r.Unit}}}"))}}}");

    private static SortedDictionary<string, (long, long)> Expected(int step) =>
        new(Rlimits.Select((r, i) => (r.Row, Limits: (Soft(i, step) * r.Scale, Hard(i, step) * r.Scale))).ToDictionary(static r => r.Row, static r => r.Limits));

    private static SortedDictionary<string, (long, long)> Shown(string pid) => new(File.ReadLines($"/proc/{pid}/limits")
        .Select(static l => Regex.Match(l, @"^(Max .+?)\s{2,}(\d+|unlimited)\s+(\d+)(\s|$)"))
        .Where(static m => m.Success)
        .ToDictionary(static m => m.Groups[1].Value, static m => (long.TryParse(m.Groups[2].Value, out var soft) ? soft : long.MaxValue, long.Parse(m.Groups[3].Value))));

    // No two alike, and enough for a program to run with; lower at each step, and at first no higher than root's own, where
    // root may not raise a hard limit.
    private static long Soft(int i, int step) => Math.Min(1000 + 20 * i - step, Highest[i]);

    private static long Hard(int i, int step) => Math.Min(2000 + 20 * i - step, Highest[i]);

    private static string Container(string more) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec: {command: [/bin/busybox, sleep, "100000"], stop: {timeout: 10ms}, {{more}}}

        """;
}
