using Provision.Kernel.Launch;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>Namespaces à la carte and cgroups, by /proc/PID/ns and by what the container says.</summary>
public sealed class NamespaceTests : IDisposable
{
    private readonly Box _box = new();

    public void Dispose() => _box.Dispose();

    public static SandboxSpec Mapped(SandboxSpec spec) => spec with
    {
        Namespaces = spec.Namespaces with { User = NamespaceChoice.Private },
        IdMaps = new([new(0, 100000, 65536)], [new(0, 200000, 65536)]),
    };

    [RootFact]
    public void Namespaces_Private_AreNoneOfTheHosts()
    {
        var (own, host) = (Links("self", inside: true, _box.Shell("")), Links("self", inside: false, null));

        foreach (var kind in new[] { "cgroup", "ipc", "mnt", "net", "pid", "uts" })
            Assert.NotEqual(host[kind], own[kind]);
        Assert.Equal(host["user"], own["user"]);
    }

    [RootFact]
    public void Namespaces_OfTheHost_AreShared()
    {
        var spec = _box.Shell("") with
        {
            Namespaces = new()
            {
                Pid = NamespaceChoice.Host,
                Net = NamespaceChoice.Host,
                Ipc = NamespaceChoice.Host,
                Uts = NamespaceChoice.Host,
                Cgroup = NamespaceChoice.Host,
            },
        };

        var (own, host) = (Links("self", inside: true, spec), Links("self", inside: false, null));

        foreach (var kind in new[] { "cgroup", "ipc", "net", "pid", "uts" })
            Assert.Equal(host[kind], own[kind]);
        Assert.NotEqual(host["mnt"], own["mnt"]);
    }

    [RootFact]
    public void Namespaces_OfAnotherContainer_AreJoined()
    {
        using var first = _box.Start(_box.Shell("exec busybox sleep 1000") with { Hostname = "first" });
        try
        {
            NamespaceChoice Of(string kind) => new(NamespaceKind.Path, $"/proc/{first.Pid}/ns/{kind}");
            var spec = _box.Shell("busybox hostname; [ \"$(busybox cat /proc/1/comm)\" = busybox ] && echo joined") with
            {
                Namespaces = new() { Pid = Of("pid"), Net = Of("net"), Ipc = Of("ipc"), Uts = Of("uts"), Cgroup = Of("cgroup") },
            };

            Assert.Equal("first\njoined\n", _box.Say(spec));
            var (theirs, own) = (Links(first.Pid.ToString(), inside: false, null), Links("self", inside: true, spec));
            foreach (var kind in new[] { "cgroup", "ipc", "net", "pid", "uts" })
                Assert.Equal(theirs[kind], own[kind]);
        }
        finally
        {
            first.Signal(9);
            first.Wait();
        }
    }

    [RootFact]
    public void Net_OfAPath_IsThatNamespace()
    {
        using var netns = new OwnNetns();
        netns.Ip("link add web0 type bridge");

        var said = _box.Say(_box.Shell("busybox ls /sys/class/net") with { Namespaces = new() { Net = new(NamespaceKind.Path, netns.Path) } });

        Assert.Contains("web0", said);
    }

    [RootFact]
    public void Net_Private_HasItsLoopbackUp() => Assert.Contains("LOOPBACK,UP", _box.Say("busybox ip link show lo"));

    [RootFact]
    public void Net_MadeBefore_IsConfiguredBeforeTheProcessStarts()
    {
        var spec = _box.Shell("busybox ls /sys/class/net") with { Networks = [new("web0", "eth0", null, [], [])] };
        using var made = SandboxNamespaces.Make(_box.Processes, spec);
        Command.Run("nsenter", [$"--net=/proc/{Environment.ProcessId}/fd/{made.Net!.DangerousGetHandle()}", "ip", "link", "add", "eth0", "type", "bridge"]).Succeeded();

        Assert.Equal(["eth0", "lo"], _box.Say(spec, made).Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(["bonding_masters"]));
    }

    [RootFact]
    public void User_Private_MapsItsRootToTheHostsUser()
    {
        var spec = Mapped(_box.Shell("busybox cat /proc/self/uid_map /proc/self/gid_map; busybox stat -c '%u %g' /etc/secret /dev/shm; echo x > /file; busybox stat -c '%u' /file; busybox id -u"));

        var said = _box.Say(spec).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["0 100000 65536", "0 200000 65536"], said[..2].Select(static l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal(["0 0", "0 0", "0", "0"], said[2..]);
    }

    [RootFact]
    public void User_Private_IsAnUnprivilegedUserOnTheHost()
    {
        using var child = _box.Start(Mapped(_box.Shell("exec busybox sleep 1000")));
        try
        {
            var status = File.ReadAllLines($"/proc/{child.Pid}/status");
            Assert.Contains("Uid:\t100000\t100000\t100000\t100000", status);
            Assert.Contains("Gid:\t200000\t200000\t200000\t200000", status);
            Assert.Contains("CapEff:\t00000000a80425fb", status);
        }
        finally
        {
            child.Signal(9);
            child.Wait();
        }
    }

    [RootFact]
    public void User_PrivateWithTheHostsRoot_CannotReadWhatOnlyTheHostsRootMay()
    {
        var spec = Mapped(_box.Shell("busybox cat /etc/shadow; busybox head -c 4 /etc/passwd")) with { Root = new(RootKind.Host, null, ReadOnly: true, Overlay: true, null, null, []) };

        Assert.Contains("Permission denied\nroot", _box.Say(spec));
    }

    [RootFact]
    public void User_PrivateWithAnUpper_WritesFilesOfTheHostsRoot()
    {
        foreach (var name in new[] { "layer/up", "layer/work" })
            Directory.CreateDirectory(Path.Combine(_box.Around, name));
        var spec = Mapped(_box.Shell("echo x > /file; echo more >> /etc/secret"));

        _box.Say(spec with { Root = spec.Root with { Upper = Path.Combine(_box.Around, "layer/up"), Work = Path.Combine(_box.Around, "layer/work") } });

        Assert.Equal("0 0\n", Command.Run("stat", ["-c", "%u %g", Path.Combine(_box.Around, "layer/up/file")]).Out);
        Assert.Equal("secret\nmore\n", File.ReadAllText(Path.Combine(_box.Around, "layer/up/etc/secret")));
    }

    [RootFact]
    public void User_WithAMapThatTheKernelRefuses_NamesTheMap()
    {
        var spec = Mapped(_box.Shell("true")) with { IdMaps = new([new(0, 100000, 10), new(5, 200000, 10)], [new(0, 0, 1)]) };

        var error = Assert.Throws<KernelException>(() => _box.Run(spec));

        Assert.Equal(Errno.EINVAL, error.Error.Errno);
        Assert.EndsWith("uid_map", error.Error.Object);
        Assert.Contains("the id map is not allowed", error.Message);
    }

    [RootFact]
    public void Time_Private_IsEnteredByTheProgram() =>
        Assert.NotEqual(Links("self", inside: false, null)["time_for_children"],
            Links("self", inside: true, _box.Shell("") with { Namespaces = new() { Time = NamespaceChoice.Private } })["time_for_children"]);

    [RootFact]
    public void Cgroups_OfTheSpecification_AreJoinedAndAreTheRootInside()
    {
        using var instance = new OwnInstance();
        var directories = Hierarchies.All.Select(h => Path.Combine(h, instance.CgroupRoot, "box.ctr")).Where(static d => !d.Contains("/cpuset/")).ToArray();
        foreach (var directory in directories)
            Directory.CreateDirectory(directory);

        using var child = _box.Start(_box.Shell("exec busybox sleep 1000") with { CgroupDirectories = directories });
        try
        {
            foreach (var directory in directories)
                Assert.Equal($"{child.Pid}\n", File.ReadAllText(directory + "/cgroup.procs"));
        }
        finally
        {
            child.Signal(9);
            child.Wait();
        }

        var inside = _box.Say(_box.Shell("busybox cat /proc/self/cgroup") with { CgroupDirectories = directories });
        Assert.Contains("0::/\n", inside);
        Assert.DoesNotContain(instance.CgroupRoot, inside);
    }

    [RootFact]
    public void Cgroup_ThatWasKilledBefore_StillTakesTheNext()
    {
        using var instance = new OwnInstance();
        var directory = instance.Unified("box.ctr");
        Directory.CreateDirectory(directory);
        var spec = _box.Shell("exec busybox sleep 1000") with { CgroupDirectories = [directory] };
        using (var first = _box.Start(spec))
        {
            File.WriteAllText(directory + "/cgroup.kill", "1");
            Assert.Equal(137, first.Wait().Shell);
        }

        using var second = _box.Start(spec);
        Assert.Equal($"{second.Pid}\n", File.ReadAllText(directory + "/cgroup.procs"));
        second.Signal(9);
        second.Wait();
    }

    [RootFact]
    public void Cgroup_ThatIsMissing_IsToldBefore()
    {
        var error = Assert.Throws<KernelException>(() => _box.Run(_box.Shell("true") with { CgroupDirectories = [Path.Combine(Hierarchies.All[0], "provision-none/box.ctr")] }));

        Assert.Equal(Errno.ENOENT, error.Error.Errno);
        Assert.Contains("provision-none/box.ctr", error.Error.Object);
    }

    [RootFact]
    public void Cgroup_WithItsPidsSpent_IsTold()
    {
        using var instance = new OwnInstance();
        var v1 = Hierarchies.V1("pids") is not null;
        var directory = v1 ? instance.V1("pids", "box.ctr") : instance.Unified("box.ctr");
        Directory.CreateDirectory(directory);
        if (!v1)
            foreach (var parent in new[] { Hierarchies.Unified!, instance.Unified() })
                File.WriteAllText(parent + "/cgroup.subtree_control", "+pids");
        File.WriteAllText(directory + "/pids.max", "0");

        // v2 refuses the birth; v1 lets it move in, and then the container has no more children.
        if (v1)
            Assert.Contains("can't fork", _box.Run(_box.Shell("/bin/busybox true; echo $?") with { CgroupDirectories = [directory] }).Out);
        else
            Assert.Equal(Errno.EAGAIN, Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true") with { CgroupDirectories = [directory] })).Errno);
    }

    private Dictionary<string, string> Links(string pid, bool inside, SandboxSpec? spec)
    {
        if (!inside)
            return Directory.EnumerateFiles($"/proc/{pid}/ns").ToDictionary(static f => Path.GetFileName(f), static f => new FileInfo(f).LinkTarget!);
        var said = _box.Say(spec! with { Command = ["/bin/busybox", "sh", "-c", "cd /proc/self/ns; for f in *; do echo $f $(busybox readlink $f); done"] });
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(static l => l.Split(' ')[0], static l => l.Split(' ')[1]);
    }
}
