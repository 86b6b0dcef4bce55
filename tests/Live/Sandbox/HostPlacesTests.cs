using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>What of the host's files a container may be given, however its path leads there.</summary>
public sealed class HostPlacesTests : IDisposable
{
    private readonly Box _box = new();
    private readonly OwnInstance _instance = new();

    public HostPlacesTests()
    {
        Directory.CreateDirectory(Path.Combine(_instance.RunDirectory, "supervisor"));
        Directory.CreateDirectory(_instance.StateDirectory);
    }

    public void Dispose()
    {
        _box.Dispose();
        _instance.Dispose();
    }

    [RootFact]
    public void Bind_ThroughALinkIntoProvisionsDirectories_IsRefused()
    {
        var link = Path.Combine(_box.Around, "link");
        File.CreateSymbolicLink(link, "/run/provision");
        var above = Path.Combine(_box.Around, "above");
        File.CreateSymbolicLink(above, "/run");

        foreach (var source in (string[])[link, above, $"{link}/{_instance.Name}", "/run/provision", "/var/lib/provision", "/"])
            Assert.Equal((source, Errno.EPERM), Refused(new(MountKind.Bind, source, "/a", ReadOnly: true)));
    }

    [RootFact]
    public void Bind_ThroughAMagicLink_IsRefused()
    {
        foreach (var source in (string[])[$"/proc/{Environment.ProcessId}/root/run/provision", $"/proc/{Environment.ProcessId}/cwd", "/proc/self/root"])
            Assert.Equal((source, Errno.ELOOP), Refused(new(MountKind.Bind, source, "/a")));
    }

    [RootFact]
    public void Bind_OfAnotherMountOfProvisionsDirectories_IsRefused()
    {
        var alias = Path.Combine(_box.Around, "alias");
        Directory.CreateDirectory(alias);
        Command.Run("mount", ["--bind", _instance.RunDirectory, alias]).Succeeded();
        try
        {
            foreach (var source in (string[])[alias, $"{alias}/supervisor", _box.Around])
                Assert.Equal((source, Errno.EPERM), Refused(new(MountKind.Bind, source, "/a")));
        }
        finally
        {
            Command.Run("umount", [alias]).Succeeded();
        }
    }

    [RootFact]
    public void Bind_OfWhatControlsTheHost_IsReadOnlyOrRefused()
    {
        var link = Path.Combine(_box.Around, "link");
        File.CreateSymbolicLink(link, "/sys/fs/cgroup");

        foreach (var source in (string[])[link, "/sys", "/proc", "/proc/sys/kernel"])
            Assert.Equal((source, Errno.EPERM), Refused(new(MountKind.Bind, source, "/a")));
        Assert.Equal("refused\n", _box.Say(_box.Shell("[ -d /a/kernel ] && { echo x > /a/kernel/mm/ksm/run || echo refused; } 2> /dev/null") with { Mounts = [new(MountKind.Bind, "/sys", "/a", ReadOnly: true)] }));
    }

    [RootFact]
    public void Root_ThatLeadsToTheHosts_IsRefused()
    {
        var link = Path.Combine(_box.Around, "link");
        File.CreateSymbolicLink(link, "/");

        Assert.Equal((link, Errno.EPERM), RefusedRoot(link));
        Assert.Equal(("/proc/self/root", Errno.ELOOP), RefusedRoot("/proc/self/root"));
    }

    [RootFact]
    public void Mask_OverAFileThatTheHostReplaces_StaysThere()
    {
        var secret = Path.Combine(_box.Around, "secret");
        File.WriteAllText(secret, "first\n");
        var signal = Path.Combine(_box.Around, "signal");
        Directory.CreateDirectory(signal);
        var spec = _box.Shell($"busybox cat {secret}; echo > /b/ready; while ! [ -e /b/go ]; do busybox sleep 0.1; done; busybox cat {secret}; echo end") with
        {
            Root = new(RootKind.Host, null, ReadOnly: true, Overlay: true, null, null, [secret + "*"]),
            Mounts = [new(MountKind.Bind, signal, "/b")],
            Env = ["PATH=/usr/bin:/bin"],
        };

        var said = Task.Run(() => _box.Say(spec));
        Assert.True(SpinWait.SpinUntil(() => said.IsCompleted || File.Exists(Path.Combine(signal, "ready")), TimeSpan.FromMinutes(2)));
        // As passwd(1) does it.
        File.WriteAllText(secret + "+", "second\n");
        File.Move(secret + "+", secret, overwrite: true);
        File.WriteAllText(Path.Combine(signal, "go"), "");

        Assert.Equal("end\n", said.GetAwaiter().GetResult());
    }

    [RootFact]
    public void Socket_OfTheHostsFiles_IsNoWayOut()
    {
        var path = Path.Combine(_box.Around, "socket");
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        listener.Listen();
        var spec = _box.Shell("") with
        {
            Root = new(RootKind.Host, null, ReadOnly: true, Overlay: true, null, null, []),
            Command = ["python3", "-c", $"import socket\ntry: socket.socket(socket.AF_UNIX).connect('{path}'); print('connected')\nexcept ConnectionRefusedError: print('refused')"],
            Env = ["PATH=/usr/bin:/bin"],
        };

        Assert.Equal("refused\n", _box.Say(spec));
    }

    private (string, int) Refused(MountSpec mount)
    {
        var spec = _box.Shell("true") with { Mounts = [mount] };
        var error = Assert.Throws<Reconciler.KernelException>(() => _box.Run(spec)).Error;
        Assert.Equal(error, HostPlaces.Problem(spec));
        return (error.Object, error.Errno);
    }

    private (string, int) RefusedRoot(string directory)
    {
        var spec = _box.Shell("true");
        var error = Assert.Throws<Reconciler.KernelException>(() => _box.Run(spec with { Root = spec.Root with { Directory = directory, Overlay = false } })).Error;
        return (error.Object, error.Errno);
    }
}
