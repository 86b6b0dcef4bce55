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

    [RootFact]
    public void Apply_EveryRlimit_IsWhatTheKernelShowsAndChangesInPlace()
    {
        var path = Lab.Write("limits.yaml", Limited(0));
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Assert.Equal(Expected(0), Shown(pid));
        Lab.Plan(0, path);

        Lab.Write("limits.yaml", Limited(1));
        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Assert.Equal(Expected(1), Shown(pid));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_ADevice_IsUsableInsideAndNoOtherIs()
    {
        var path = Lab.Write("device.yaml", Container("devices: [{path: /dev/net/tun}]"));
        Lab.Apply(path);
        var node = $"/proc/{Pid(path)}/root/dev/mine";
        // The kernel's messages, by the hand of the host, which may use them there as well.
        Command.Run("mknod", [node, "c", "1", "11"]).Succeeded();
        Command.Run("sh", ["-c", $": < {node}"]).Succeeded();

        Assert.Equal("usable\n", Inside(": <> /dev/net/tun && echo usable").Succeeded().Out);

        var refused = Inside(": < /dev/mine");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Operation not permitted", refused.Err, StringComparison.Ordinal);
        Lab.Plan(0, path);
    }

    [RootFact]
    [Trait("Needs", "cgroup-v2")]
    public void Apply_Cgroups_AreTheContainersOwnInsideAndCannotBeWritten()
    {
        var path = Lab.Write("cgroups.yaml", Container("resources: {pids: {max: 33}}"));
        Lab.Apply(path);

        Assert.Matches(@"^\S+ /sys/fs/cgroup cgroup2 ro,", Inside("busybox grep ' /sys/fs/cgroup ' /proc/mounts").Succeeded().Out);
        Assert.Equal("33\n", Inside("busybox cat /sys/fs/cgroup/pids.max").Succeeded().Out);
        foreach (var line in (string[])["echo 44 > /sys/fs/cgroup/pids.max", "busybox mkdir /sys/fs/cgroup/x"])
            Assert.Contains("Read-only file system", Inside(line).Err, StringComparison.Ordinal);
        Assert.Equal(33, new LiveCgroup(Lab, "web-1.ctr").PidsMax);
    }

    private CommandResult Inside(string line) => Command.Run(
        Binary.Path, ["exec", "--instance", Lab.Instance.Name, "web-1", "--", "/bin/busybox", "sh", "-c", line.Replace("busybox", "/bin/busybox")]);

    private static string Limited(int step) => Container(
        $"rlimits: {{{string.Join(", ", Rlimits.Select((r, i) => $"{r.Field}: {{soft: {Soft(i, step)}{r.Unit}, hard: {Hard(i, step)}{r.Unit}}}"))}}}");

    private static SortedDictionary<string, (long, long)> Expected(int step) =>
        new(Rlimits.Select((r, i) => (r.Row, Limits: (Soft(i, step) * r.Scale, Hard(i, step) * r.Scale))).ToDictionary(static r => r.Row, static r => r.Limits));

    private static SortedDictionary<string, (long, long)> Shown(int pid) => new(File.ReadLines($"/proc/{pid}/limits")
        .Select(static l => Regex.Match(l, @"^(Max .+?)\s{2,}(\d+)\s+(\d+)(\s|$)"))
        .Where(static m => m.Success)
        .ToDictionary(static m => m.Groups[1].Value, static m => (long.Parse(m.Groups[2].Value), long.Parse(m.Groups[3].Value))));

    // No two alike; enough for a program to run with.
    private static long Soft(int i, int step) => 1000 + 20 * i + step;

    private static long Hard(int i, int step) => 2000 + 20 * i + step;

    private static string Container(string more) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec: {command: [/bin/busybox, sleep, "100000"], stop: {timeout: 10ms}, {{more}}}

        """;
}
