namespace Provision.EndToEnd.Containers;

/// <summary>Where a container's parts come from and what it has, from manifest through supervisor, seen by /proc and from inside.</summary>
public sealed class BoxTests : ContainerLab
{
    private const string Mapped =
        "idMap: {uid: [{container: 0, host: 100000, count: 65536}], gid: [{container: 0, host: 200000, count: 65536}]}";

    private const string Bridge =
        """
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec: {addresses: [10.88.0.1/24]}
        ---

        """;

    [RootFact]
    public void Apply_MappedWithALink_IsReachedAndMappedAndPlansEmpty()
    {
        var path = Lab.Write("mapped.yaml", Bridge + Container("web-1", "httpd -f -p 80 -h /srv",
            $"namespaces: {{user: private}}, {Mapped}, mounts: [{{type: tmpfs, target: /srv}}], networks: [{{bridge: web0, interface: eth0, addresses: [10.88.0.2/24]}}]"));

        Lab.Apply(path);

        var pid = Pid(path)!.Value;
        Assert.Equal(["0", "100000", "65536"], Map(pid, "uid_map"));
        Assert.Equal(["0", "200000", "65536"], Map(pid, "gid_map"));
        Assert.Contains("10.88.0.2/24", InNetwork(pid, "ip", "-brief", "address", "show", "eth0").Succeeded().Out, StringComparison.Ordinal);
        Lab.Netns.Run("busybox", "ping", "-c", "1", "-W", "60", "10.88.0.2").Succeeded();
        Lab.Plan(0, path);
        Lab.Drift(0, path);
    }

    [RootFact]
    public void Apply_NamespacesOfAnotherContainer_AreSharedAndEntered()
    {
        var path = Lab.Write("shared.yaml",
            Container("first", "sleep 100000", $"namespaces: {{user: private}}, {Mapped}") + "---\n"
            + Container("second", "sleep 100000", "namespaces: {user: \"container:first\", pid: \"container:first\", net: \"container:first\", ipc: \"container:first\", uts: \"container:first\", cgroup: \"container:first\"}") + "---\n"
            + Container("third", "sleep 100000", $"namespaces: {{user: private, net: \"container:first\", ipc: \"container:first\"}}, {Mapped}"));

        Lab.Apply(path);

        var (first, second, third) = (Pid(path, "first")!.Value, Pid(path, "second")!.Value, Pid(path, "third")!.Value);
        foreach (var kind in (string[])["user", "pid", "net", "ipc", "uts", "cgroup"])
            Assert.Equal(Link(first, kind), Link(second, kind));
        foreach (var kind in (string[])["net", "ipc"])
            Assert.Equal(Link(first, kind), Link(third, kind));
        Assert.NotEqual(Link(first, "user"), Link(third, "user"));
        Assert.Equal("first\n", Exec("second", "/bin/busybox", "hostname"));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Plan_ShowingOperations_PrintsTheProgramThatStartsItAndNoSecret()
    {
        var path = Lab.Write("web.yaml", Container("web-1", "sleep 100000", "hostname: a, env: {TOKEN: very-secret}"));

        var plan = Lab.Run("plan", "-f", path, "--show", "operations").Exited(2).Out;

        Assert.Matches(@"(?m)^ +· start container web-1: .*\n +clone3\(.*CLONE_NEWPID.*\n +0  prctl\(PR_SET_PDEATHSIG, SIGKILL", plan);
        Assert.Matches(@"(?m)^ +\d+  execve\(""/bin/busybox"", \[""/bin/busybox"", ""sleep"", ""100000""\], \[.*TOKEN.*\]\)$", plan);
        Assert.DoesNotContain(Program(plan), static line => line.Contains("very-secret", StringComparison.Ordinal));
        Assert.DoesNotContain("clone3", Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);
        Lab.Apply(path);
        var described = Lab.Run("describe", "Container/web-1", "-f", path).Succeeded().Out;
        Assert.Matches(@"(?m)^Started by\n +clone3\(", described);
        Assert.Equal(Program(plan), Program(described));
    }

    [RootFact]
    public void Apply_RootOfADirectory_IsThatWithItsDevices()
    {
        var root = Path.Combine(Lab.Directory.Path, "root");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        File.WriteAllText(Path.Combine(root, "mine"), "");
        var path = Lab.Write("root.yaml", Container("web-1", "sleep 100000", $"rootfs: {{directory: {root}}}"));

        Lab.Apply(path);

        string Inside(string line) => Exec("web-1", "/bin/busybox", "sh", "-c", line.Replace("@", "/bin/busybox "));
        Assert.Equal("bin\ndev\nmine\nproc\nsys\n", Inside("@ls /"));
        Assert.Equal("5 620\n", Inside("exec 3<>/dev/ptmx; @stat -c '%g %a' /dev/pts/0"));
        Assert.Equal("full\n", Inside("echo x 2> /dev/null > /dev/full || echo full"));
        Assert.Equal("4 4\n", Inside("echo $(@head -c 4 /dev/random | @wc -c) $(@head -c 4 /dev/urandom | @wc -c)"));
        Assert.Equal("/proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 pts/ptmx\n", Inside("echo $(for l in fd stdin stdout stderr ptmx; do @readlink /dev/$l; done)"));
        Assert.Equal("x\n", Inside("echo x > /dev/shm/a && @cat /dev/shm/a"));
        Assert.Equal("mqueue\n", Inside("@grep ' /dev/mqueue ' /proc/mounts | @cut -d' ' -f3; @touch /dev/mqueue/q"));
        Assert.Equal("none\n", Inside("@ls -R /sys/fs/cgroup | @grep release_agent || echo none"));
        Assert.False(File.Exists(Path.Combine(root, "dev/null")));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Exec_AndInit_HaveNoCapabilityToInherit()
    {
        var path = Lab.Write("web.yaml", Container("web-1", "sleep 100000", "user: {uid: 7}, security: {capabilities: {keep: [CAP_KILL], ambient: [CAP_KILL]}}"));
        Lab.Apply(path);

        const string kill = "0000000000000020";
        var inside = Exec("web-1", "/bin/busybox", "grep", "^Cap", "/proc/self/status");

        foreach (var text in (string[])[inside, File.ReadAllText($"/proc/{Pid(path)}/status")])
            foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
                Assert.Contains($"{set}:\t{kill}\n", text, StringComparison.Ordinal);
    }

    // Options come before the command, so that the instance is not the command's.
    private string Exec(string name, params string[] command) =>
        Command.Run(Binary.Path, ["exec", "--instance", Lab.Instance.Name, name, "--", .. command]).Succeeded().Out;

    private static string Container(string name, string line, string more) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: {{name}}}
        spec: {command: [/bin/busybox, {{string.Join(", ", line.Split(' ').Select(static w => $"\"{w}\""))}}], stop: {timeout: 10ms}, {{more}}}

        """;

    // The lines of a listing, however deep it stands.
    private static IEnumerable<string> Program(string text) =>
        text.Split('\n').SkipWhile(static l => !l.TrimStart().StartsWith("clone3(", StringComparison.Ordinal)).TakeWhile(static l => l.Contains('(') && !l.Contains('·')).Select(static l => l.Trim());

    private static string[] Map(int pid, string file) => File.ReadAllText($"/proc/{pid}/{file}").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static string? Link(int pid, string kind) => new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget;
}
