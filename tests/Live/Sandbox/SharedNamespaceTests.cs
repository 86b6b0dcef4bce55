using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>Namespaces of other containers together with user namespaces, by /proc/PID/ns of the host.</summary>
public sealed class SharedNamespaceTests : IDisposable
{
    private readonly Box _box = new();
    private readonly List<Launched> _started = [];

    public void Dispose()
    {
        // Before the first: a pid namespace's init does not end while a process of it is not reaped.
        foreach (var child in Enumerable.Reverse(_started))
        {
            child.Signal(9);
            child.Wait();
            child.Dispose();
        }

        _box.Dispose();
    }

    [RootFact]
    public void Join_OfTheHostsContainer_WithAUserNamespaceOfItsOwn_HasBoth()
    {
        var first = Start(_box.Shell("exec busybox sleep 1000") with { Hostname = "first" });
        var spec = NamespaceTests.Mapped(_box.Shell("exec busybox sleep 1000"));

        var second = Start(spec with { Namespaces = spec.Namespaces with { Net = Of(first, "net"), Ipc = Of(first, "ipc"), Uts = Of(first, "uts"), Cgroup = Of(first, "cgroup") } });

        foreach (var kind in (string[])["net", "ipc", "uts", "cgroup"])
            Assert.Equal(Link(first, kind), Link(second, kind));
        foreach (var kind in (string[])["user", "pid", "mnt"])
            Assert.NotEqual(Link(first, kind), Link(second, kind));
        Assert.Equal("0 100000 65536", string.Join(' ', File.ReadAllText($"/proc/{second.Pid}/uid_map").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }

    [RootFact]
    public void Join_OfAnothersUserNamespace_OwnsWhatItMakesAndSharesTheRest()
    {
        var first = Start(NamespaceTests.Mapped(_box.Shell("exec busybox sleep 1000")));
        var spec = _box.Shell("exec busybox sleep 1000");

        var alone = Start(spec with { Namespaces = new() { User = Of(first, "user") } });
        var whole = Start(spec with { Namespaces = new() { User = Of(first, "user"), Pid = Of(first, "pid"), Net = Of(first, "net"), Ipc = Of(first, "ipc"), Uts = Of(first, "uts"), Cgroup = Of(first, "cgroup") } });

        Assert.Equal(Link(first, "user"), Link(alone, "user"));
        foreach (var kind in (string[])["net", "ipc", "uts", "cgroup", "pid"])
        {
            Assert.NotEqual(Link(first, kind), Link(alone, kind));
            Assert.Equal(Link(first, kind), Link(whole, kind));
        }
    }

    [RootFact]
    public void Join_OfAnothersUserNamespace_SeesItsFilesAsTheirOwners()
    {
        var first = Start(NamespaceTests.Mapped(_box.Shell("exec busybox sleep 1000")));
        var spec = _box.Shell("busybox id -u; busybox stat -c '%u %g' /etc/secret; [ -d /sys/class/net/lo ] && busybox ls /sys/class/net | busybox grep -v bonding_masters") with { Namespaces = new() { User = Of(first, "user") } };

        Assert.Equal("0\n0 0\nlo\n", _box.Say(spec));
    }

    [RootFact]
    public void Join_OfWhatIsNoNamespace_IsToldBeforeAnythingStarts()
    {
        var fifo = Path.Combine(_box.Around, "fifo");
        Command.Run("mkfifo", [fifo]).Succeeded();

        // A FIFO without a writer would be waited for.
        foreach (var path in (string[])[fifo, "/dev/null", _box.Root])
        {
            var error = Assert.Throws<Reconciler.KernelException>(() => _box.Run(_box.Shell("true") with { Namespaces = new() { Net = new(NamespaceKind.Path, path) } })).Error;
            Assert.Equal(("setns", path, Errno.EINVAL), (error.Action, error.Object, error.Errno));
        }
    }

    [RootFact]
    public void Start_AMappedContainer_TakesNoKeyOfItsUsersQuota()
    {
        // A user has 200 keys, the host's root a million: a keyring a process would be the end of one map's containers.
        var spec = NamespaceTests.Mapped(_box.Shell("exec busybox sleep 1000")) with { IdMaps = new([new(0, 1_234_567, 1000)], [new(0, 1_234_567, 1000)]) };

        Start(spec);

        Assert.DoesNotContain(File.ReadLines("/proc/key-users"), static line => line.TrimStart().StartsWith("1234567:", StringComparison.Ordinal));
    }

    private Launched Start(SandboxSpec spec)
    {
        _started.Add(_box.Start(spec));
        return _started[^1];
    }

    private static NamespaceChoice Of(Launched container, string kind) => new(NamespaceKind.Path, $"/proc/{container.Pid}/ns/{kind}");

    private static string? Link(Launched process, string kind) => new FileInfo($"/proc/{process.Pid}/ns/{kind}").LinkTarget;
}
