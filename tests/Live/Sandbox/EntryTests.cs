using System.Text;
using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>Processes that enter a running container.</summary>
public sealed class EntryTests : IDisposable
{
    private readonly Box _box = new();
    private readonly OwnInstance _instance = new();
    private readonly SandboxSpec _spec;
    private readonly Launched _init;
    private readonly List<Launched> _entered = [];

    public EntryTests()
    {
        var directory = _instance.Unified("box.ctr");
        Directory.CreateDirectory(directory);
        _spec = NamespaceTests.Mapped(_box.Shell("exec busybox sleep 1000")) with
        {
            Hostname = "inside",
            CgroupDirectories = [directory],
            Rlimits = [new(RlimitResource.Nofile, 100, 200)],
            OomScoreAdj = 300,
        };
        _init = _box.Start(_spec);
    }

    public void Dispose()
    {
        // Before the first: a pid namespace's init does not end while a process of it is not reaped.
        foreach (var child in _entered)
            Reap(child);
        _init.Signal(9);
        _init.Wait();
        _init.Dispose();
        _box.Dispose();
        _instance.Dispose();
    }

    [RootFact]
    public void Enter_IntoAContainer_HasItsNamespacesCgroupLimitsAndProfile()
    {
        var (code, said) = Say("busybox hostname; busybox cat /proc/self/oom_score_adj; ulimit -Sn; ulimit -Hn; busybox grep -E 'CapEff|NoNewPrivs' /proc/self/status; "
            + "busybox cat /proc/self/cgroup | busybox grep ^0; [ $(busybox readlink /proc/self/ns/mnt) = $(busybox readlink /proc/1/ns/mnt) ] && busybox cat /proc/1/comm; busybox id -u");

        Assert.Equal(0, code);
        Assert.Equal("inside\n300\n100\n200\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\n0::/\nbusybox\n0\n", said);
    }

    [RootFact]
    public void Enter_IntoAContainer_LeavesDescriptorsThreeAndAStatus()
    {
        var (code, said) = Say("cd /proc/self/fd; for f in *; do [ -e $f ] && l=\"$l $f\"; done; echo $l; exit 7");

        Assert.Equal((7, "0 1 2\n"), (code, said));
    }

    [RootFact]
    public void Enter_AsAUserInADirectory_IsThere()
    {
        var (_, said) = Say("busybox id -u; busybox id -g; busybox pwd", _spec with { User = new(1000, 1001, []), WorkingDirectory = "/etc" });

        Assert.Equal("1000\n1001\n/etc\n", said);
    }

    [RootFact]
    public void Enter_WithACommandThatIsNotThere_NamesIt()
    {
        var error = Assert.Throws<LaunchException>(() => Say("", _spec with { Command = ["none"] }));

        Assert.Equal((Errno.ENOENT, SystemCall.Execve), (error.Errno, error.Step!.Call));
    }

    [RootFact]
    public void Enter_IntoAContainerThatHasEnded_IsTold()
    {
        using var ended = _box.Start(_box.Shell("true"));
        ended.Wait();

        var error = Assert.Throws<LaunchException>(() => Say("true", _box.Shell("true"), ended));

        Assert.Equal(SystemCall.SetNs, error.Step!.Call);
    }

    [RootFact]
    public void EnterWithTerminal_IntoAContainer_HasATerminalOfItsOwnThatTheCallerSpeaksTo()
    {
        var spec = _spec with { Command = ["/bin/busybox", "sh", "-c", "busybox tty; busybox stat -c %u $(busybox tty); read line; echo got $line; [ -t 0 ] && [ -t 2 ] && echo yes > /dev/tty; exit 3"], User = new(1000, 1000, []) };

        var child = Track(_box.Launcher.EnterWithTerminal(spec, _init.PidFd, null, out var master));
        using (var stream = new FileStream(master, FileAccess.ReadWrite, bufferSize: 0))
        {
            stream.Write("hello\n"u8);
            var said = ReadToEnd(stream);

            Assert.Equal(3, child.Wait().Shell);
            Assert.Contains("/dev/pts/", said);
            Assert.Contains("\n1000\r\n", said);
            Assert.Contains("got hello\r\n", said);
            Assert.EndsWith("yes\r\n", said);
        }
    }

    [RootFact]
    public void EnterWithTerminal_ThatFails_LeavesNoTerminalOpen()
    {
        Assert.Throws<LaunchException>(() => _box.Launcher.EnterWithTerminal(_spec with { Command = ["/none"] }, _init.PidFd, null, out _));

        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), static fd => new FileInfo(fd).LinkTarget?.Contains("ptmx") == true);
    }

    private (int Code, string Said) Say(string line, SandboxSpec? spec = null, Launched? init = null)
    {
        spec ??= _spec;
        if (spec.Command[0].StartsWith('/'))
            spec = spec with { Command = ["/bin/busybox", "sh", "-c", line] };
        var path = Path.Combine(_box.Around, UniqueName.Of("out"));
        using var output = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        var fd = (int)output.DangerousGetHandle();
        var child = Track(_box.Launcher.Enter(spec, (init ?? _init).PidFd, new LaunchStdio(fd, fd, fd)));
        return (child.Wait().Shell, File.ReadAllText(path));
    }

    private Launched Track(Launched child)
    {
        _entered.Add(child);
        return child;
    }

    private static void Reap(Launched child)
    {
        try
        {
            if (child.Signal(9))
                child.Wait();
        }
        catch (Provision.Reconciler.KernelException)
        {
            // The test reaped it.
        }

        child.Dispose();
    }

    // A terminal whose other end is closed reads as EIO.
    private static string ReadToEnd(FileStream master)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        try
        {
            for (int got; (got = master.Read(buffer)) > 0;)
                text.Append(Encoding.UTF8.GetString(buffer, 0, got));
        }
        catch (IOException)
        {
        }

        return text.ToString();
    }
}
