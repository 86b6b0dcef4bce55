using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>Binds and tmpfs inside hostile roots.</summary>
public sealed class MountTests : IDisposable
{
    private readonly Box _box = new();
    private readonly string _source;

    public MountTests()
    {
        _source = Path.Combine(_box.Around, "source");
        Directory.CreateDirectory(_source);
        File.WriteAllText(Path.Combine(_source, "file"), "bound\n");
    }

    public void Dispose() => _box.Dispose();

    [RootFact]
    public void Bind_OfADirectory_IsWritableUnlessReadOnly()
    {
        var spec = _box.Shell("echo x > /a/new && echo y > /b/new || busybox cat /b/file") with
        {
            Mounts = [new(MountKind.Bind, _source, "/a"), new(MountKind.Bind, _source, "/b", ReadOnly: true)],
        };

        Assert.EndsWith("bound\n", _box.Say(spec));
        Assert.Equal("x\n", File.ReadAllText(Path.Combine(_source, "new")));
    }

    [RootFact]
    public void Bind_OfAFile_GetsAFileAsItsPlace() =>
        Assert.Equal("bound\n", _box.Say(_box.Shell("busybox cat /deep/er/file") with
        {
            Mounts = [new(MountKind.Bind, Path.Combine(_source, "file"), "/deep/er/file", ReadOnly: true)],
        }));

    [RootFact]
    public void Bind_OverAnExistingFile_CoversIt() =>
        Assert.Equal("bound\n", _box.Say(_box.Shell("busybox cat /etc/secret") with
        {
            Mounts = [new(MountKind.Bind, Path.Combine(_source, "file"), "/etc/secret")],
        }));

    [RootFact]
    public void Bind_ToALinkThatLeadsOut_StaysInside()
    {
        var outside = Path.Combine(_box.Around, "outside");
        Directory.CreateDirectory(outside);
        File.CreateSymbolicLink(Path.Combine(_box.Root, "link"), "../../../../../.." + outside);
        File.CreateSymbolicLink(Path.Combine(_box.Root, "absolute"), "/etc");

        var said = _box.Say(_box.Shell("busybox cat /etc/data/file") with
        {
            Mounts = [new(MountKind.Tmpfs, null, "/absolute/tmp"), new(MountKind.Bind, _source, "/absolute/data")],
        });
        var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true") with { Mounts = [new(MountKind.Bind, _source, "/link/data")] }));

        Assert.Equal("bound\n", said);
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    [RootFact]
    public void Bind_ToALinkIntoProc_DoesNotLieOverTheRealOne()
    {
        Directory.CreateDirectory(Path.Combine(_box.Root, "proc/self/attr"));
        File.CreateSymbolicLink(Path.Combine(_box.Root, "trap"), "/proc/self/attr");

        var said = _box.Say(_box.Shell("busybox ls /proc/self/attr/file 2>/dev/null; busybox grep -c /proc/self/attr /proc/self/mountinfo; [ -e /proc/self/status ] && echo own") with
        {
            Mounts = [new(MountKind.Bind, _source, "/trap")],
        });

        Assert.EndsWith("own\n", said);
        Assert.DoesNotContain("file", said);
    }

    [RootFact]
    public void Bind_OverTheRootsDevNull_DoesNotBecomeTheMask()
    {
        var spec = _box.Shell("busybox cat /proc/keys; busybox cat /dev/null") with { Mounts = [new(MountKind.Bind, Path.Combine(_source, "file"), "/dev/null")] };

        Assert.Equal("bound\n", _box.Say(spec));
    }

    [RootFact]
    public void Bind_OfWhatIsMissing_IsToldBefore()
    {
        var error = Assert.Throws<Provision.Reconciler.KernelException>(() =>
            _box.Run(_box.Shell("true") with { Mounts = [new(MountKind.Bind, "/none/there", "/a")] }));

        Assert.Equal(("/none/there", Errno.ENOENT), (error.Error.Object, error.Error.Errno));
    }

    [RootFact]
    public void Bind_OfASharedMount_DoesNotPropagateBack()
    {
        // The container may mount: what it mounts in a bind must not appear on the host.
        var spec = _box.Shell("busybox mkdir -p /a/sub && busybox mount -t tmpfs none /a/sub && echo x > /a/sub/inside && busybox ls /a/sub") with
        {
            Mounts = [new(MountKind.Bind, _source, "/a")],
            Security = SecuritySpec.Default with { Capabilities = CapabilitySets.Of(Capability.Docker | Capability.Mask(["CAP_SYS_ADMIN"])) },
        };

        Assert.Equal("inside\n", _box.Say(spec));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_source, "sub")));
        Assert.DoesNotContain(_source, File.ReadAllText("/proc/self/mountinfo"));
    }

    [RootFact]
    public void Tmpfs_WithSizeModeAndFlags_HasThem()
    {
        var mounts = _box.Say(_box.Shell("busybox grep ' /run ' /proc/self/mountinfo; busybox stat -c %a /run; busybox cp /bin/busybox /run/ && /run/busybox true || echo refused") with
        {
            Mounts = [new(MountKind.Tmpfs, null, "/run", NoExec: true, SizeBytes: 4 << 20, Mode: 0x1C0)],
        });

        Assert.Contains("nosuid,nodev,noexec", mounts);
        Assert.Contains("size=4096k,mode=700", mounts);
        Assert.Contains("700\n", mounts);
        Assert.EndsWith("Permission denied\nrefused\n", mounts);
    }

    [RootFact]
    public void Target_SwappedForALinkWhileContainersStart_NeverLeadsOut()
    {
        var outside = Path.Combine(_box.Around, "outside");
        Directory.CreateDirectory(Path.Combine(outside, "data"));
        var place = Path.Combine(_box.Root, "swap");
        Directory.CreateDirectory(Path.Combine(place, "data"));
        var link = Path.Combine(_box.Root, "link");
        File.CreateSymbolicLink(link, outside);
        var plain = _box.Shell("true");
        var spec = plain with { Root = plain.Root with { Overlay = false }, Mounts = [new(MountKind.Bind, _source, "/swap/data")] };
        var stop = false;
        var swaps = 0;
        var swapper = new Thread(() =>
        {
            for (; !Volatile.Read(ref stop); swaps++)
                Swap(place, link);
        });
        swapper.Start();
        try
        {
            // Each ends well or with an error; none makes or mounts anything outside.
            for (var i = 0; i < 60; i++)
                try
                {
                    _box.Run(spec);
                }
                catch (LaunchException error)
                {
                    Assert.NotEqual(0, error.Errno);
                }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            swapper.Join();
        }

        Assert.True(swaps > 0);
        Assert.Equal([Path.Combine(outside, "data")], Directory.EnumerateFileSystemEntries(outside));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(outside, "data")));
    }

    // A launch makes places that are missing, so any of these may find something in its way: the next round puts it right.
    private static void Swap(string place, string link)
    {
        Try(() => Directory.Move(place, place + "-away"));
        Try(() => File.Move(link, place));
        Try(() => File.Move(place, link));
        while (Directory.Exists(place + "-away"))
        {
            Try(() => Directory.Move(place + "-away", place));
            if (Directory.Exists(place + "-away"))
                Try(() => Directory.Delete(place, recursive: true));
        }
    }

    private static void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
