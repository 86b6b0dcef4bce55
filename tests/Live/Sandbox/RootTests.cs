using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>What a container sees as its files, by its own words.</summary>
public sealed class RootTests : IDisposable
{
    private readonly Box _box = new();

    public void Dispose() => _box.Dispose();

    [RootFact]
    public void Mounts_InAContainer_AreItsOwnAndNoneOfTheHosts()
    {
        var mounts = MountInfo.Parse(_box.Say("busybox cat /proc/self/mountinfo"));

        Assert.Equal(["devpts", "mqueue", "overlay", "proc", "sysfs", "tmpfs"], mounts.Select(static m => m.FileSystem).Where(static f => f != "cgroup2").Distinct().Order());
        Assert.Equal("/", mounts[0].Path);
        Assert.DoesNotContain(mounts, static m => m.Path.Contains(".."));
    }

    [RootFact]
    public void Root_ADirectoryBelowAMemoryOverlay_IsWritableAndLeavesTheDirectoryAsItIs()
    {
        Assert.Equal("new\n", _box.Say("echo new > /file; busybox rm /etc/secret; busybox cat /file"));

        Assert.Equal(["bin", "etc"], Entries(_box.Root));
        Assert.True(File.Exists(Path.Combine(_box.Root, "etc/secret")));
    }

    [RootFact]
    public void Root_BelowAnOverlayWithAnUpper_KeepsWhatWasWritten()
    {
        var layer = Path.Combine(_box.Around, "layer, with: signs");
        Directory.CreateDirectory(Path.Combine(layer, "up"));
        Directory.CreateDirectory(Path.Combine(layer, "work"));
        var spec = _box.Shell("echo kept >> /file; busybox cat /file");
        spec = spec with { Root = spec.Root with { Upper = Path.Combine(layer, "up"), Work = Path.Combine(layer, "work") } };

        _box.Say(spec);

        Assert.Equal("kept\nkept\n", _box.Say(spec));
        Assert.Equal("kept\nkept\n", File.ReadAllText(Path.Combine(layer, "up/file")));
        Assert.False(File.Exists(Path.Combine(_box.Root, "file")));
    }

    [RootFact]
    public void Root_ADirectoryReadOnly_CannotBeWritten()
    {
        MakePlaces();
        var spec = Plain("echo x > /file || echo refused; echo y > /dev/shm/file && echo shm", readOnly: true);

        var said = _box.Say(spec);

        Assert.Contains("Read-only file system", said);
        Assert.EndsWith("refused\nshm\n", said);
    }

    [RootFact]
    public void Root_AnOverlayReadOnly_StillGetsPlacesForItsMounts()
    {
        var spec = _box.Shell("echo x > /file || echo y > /data/deep/file && busybox cat /data/deep/file");

        var said = _box.Say(spec with { Root = spec.Root with { ReadOnly = true }, Mounts = [new(MountKind.Tmpfs, null, "/data/deep")] });

        Assert.Contains("Read-only file system", said);
        Assert.EndsWith("y\n", said);
    }

    [RootFact]
    public void Root_ADirectoryWritable_IsTheDirectoryItself()
    {
        _box.Say(Plain("echo x > /file", readOnly: false));

        Assert.Equal("x\n", File.ReadAllText(Path.Combine(_box.Root, "file")));
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Root_TheHosts_IsReadableAndHidesWhatIsNamed(bool writable)
    {
        var spec = _box.Shell("busybox cat /etc/passwd > /dev/null && echo passwd; busybox cat /etc/shadow; busybox ls -A /root; busybox ls -A /etc/shadow /tmp > /dev/shm/x; echo x > /new || echo refused; [ -d /var/lib ] && echo var");

        var said = _box.Say(spec with { Root = new(RootKind.Host, null, ReadOnly: !writable, Overlay: true, null, null, ["/etc/shadow", "/root", "/not/there"]) });

        Assert.Equal(writable ? "passwd\nvar\n" : "passwd\nsh: can't create /new: Read-only file system\nrefused\nvar\n", said);
        Assert.False(File.Exists("/new"));
    }

    [RootFact]
    public void Root_ThatIsMissing_IsToldBeforeAnythingStarts()
    {
        var spec = _box.Shell("true");

        var error = Assert.Throws<Provision.Reconciler.KernelException>(() =>
            _box.Run(spec with { Root = spec.Root with { Directory = "/tmp/none/root" } }));

        Assert.Equal(("open", "/tmp/none/root", Errno.ENOENT), (error.Error.Action, error.Error.Object, error.Error.Errno));
    }

    [RootTheory]
    [InlineData("dev")]
    [InlineData("proc")]
    [InlineData("sys")]
    public void Root_WithALinkWhereAFileSystemBelongs_IsRefused(string name)
    {
        File.CreateSymbolicLink(Path.Combine(_box.Root, name), "/etc");

        var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true")));

        Assert.Equal(Errno.ELOOP, error.Errno);
        Assert.Contains($"openat2(root, \"{name}\"", error.Message);
        Assert.Equal(["secret"], Entries(Path.Combine(_box.Root, "etc")));
    }

    [RootFact]
    public void Root_ReadOnlyWithoutAPlaceForProc_NamesIt()
    {
        Directory.CreateDirectory(Path.Combine(_box.Root, "dev"));

        var error = Assert.Throws<LaunchException>(() => _box.Run(Plain("true", readOnly: true)));

        Assert.Equal(30, error.Errno);
        Assert.Contains("mkdirat(root, \"proc\"", error.Message);
    }

    private SandboxSpec Plain(string line, bool readOnly)
    {
        var spec = _box.Shell(line);
        return spec with { Root = spec.Root with { Overlay = false, ReadOnly = readOnly } };
    }

    private void MakePlaces()
    {
        foreach (var name in new[] { "dev", "proc", "sys" })
            Directory.CreateDirectory(Path.Combine(_box.Root, name));
    }

    private static string[] Entries(string directory) => [.. Directory.EnumerateFileSystemEntries(directory).Select(static p => Path.GetFileName(p)).Order()];
}
