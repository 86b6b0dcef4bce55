using System.Net.Sockets;
using System.Text;

namespace Provision.Kernel.Tests;

public sealed class FileTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("provision-test-").FullName;

    public void Dispose() => Directory.Delete(_top, recursive: true);

    [Fact]
    public void AtomicWrite_OverAnOldFile_ReplacesContentAndMode()
    {
        File.WriteAllText($"{_top}/plan", "old and longer");

        AtomicFile.Write($"{_top}/plan", "new"u8, 0x180);

        Assert.Equal("new", File.ReadAllText($"{_top}/plan"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{_top}/plan"));
        Assert.Equal(["plan"], Directory.GetFiles(_top).Select(Path.GetFileName));
    }

    [Fact]
    public void AtomicWrite_TargetIsADirectory_LeavesNothing()
    {
        Directory.CreateDirectory($"{_top}/plan");

        Assert.Throws<Reconciler.KernelException>(() => AtomicFile.Write($"{_top}/plan", "new"u8, 0x180));
        Assert.Empty(Directory.GetFiles(_top));
    }

    [Fact]
    public void AtomicSweep_OfAWriterThatIsGone_RemovesItsFileAndNoOther()
    {
        // Above the greatest pid that the kernel gives (PID_MAX_LIMIT).
        const string gone = "4194305";
        var random = Guid.NewGuid().ToString("N");
        string[] others = [$".plan.{Environment.ProcessId}-{random}", $".plan.json.{gone}-{random}", $".plan.{gone}-{random}.json", ".plan.x-y", "plan"];
        foreach (var name in (string[])[.. others, $".plan.{gone}-{random}"])
            File.WriteAllText($"{_top}/{name}", "");

        AtomicFile.Sweep($"{_top}/plan");

        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFiles(_top).Select(static f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        AtomicFile.Sweep($"{_top}/none/plan");
    }

    [Fact]
    public void Acquire_Held_NamesTheHolder()
    {
        var path = $"{_top}/lock";
        using (InstanceLock.Acquire(path, TimeSpan.Zero, "apply -f web.yaml", TimeProvider.System))
        {
            var refused = Assert.Throws<InstanceLockedException>(
                () => InstanceLock.Acquire(path, TimeSpan.FromMilliseconds(50), "apply", TimeProvider.System));
            Assert.Equal(Environment.ProcessId, refused.Holder.Pid);
            Assert.Equal("apply -f web.yaml", refused.Holder.Command);
            Assert.Contains($"pid {Environment.ProcessId}", refused.Message);
        }

        Assert.True(File.Exists(path));
        using var again = InstanceLock.Acquire(path, TimeSpan.Zero, "drift", TimeProvider.System);
        Assert.Equal("drift", InstanceLock.ReadHolder(path).Command);
    }

    [Fact]
    public void Follows_NobodyBetween_IsTrue()
    {
        var path = $"{_top}/lock";
        var never = InstanceLock.Trace(path);
        using (var first = InstanceLock.Acquire(path, TimeSpan.Zero, "first", TimeProvider.System))
            Assert.True(first.Follows(never));
        var trace = InstanceLock.Trace(path);
        using var second = InstanceLock.Acquire(path, TimeSpan.Zero, "second", TimeProvider.System);
        Assert.True(second.Follows(trace));
    }

    [Fact]
    public void Follows_AnotherHolderBetween_IsFalse()
    {
        var path = $"{_top}/lock";
        var never = InstanceLock.Trace(path);
        InstanceLock.Acquire(path, TimeSpan.Zero, "same", TimeProvider.System).Dispose();
        var trace = InstanceLock.Trace(path);
        InstanceLock.Acquire(path, TimeSpan.Zero, "same", TimeProvider.System).Dispose();
        using var mine = InstanceLock.Acquire(path, TimeSpan.Zero, "mine", TimeProvider.System);
        Assert.False(mine.Follows(never));
        Assert.False(mine.Follows(trace));
    }

    [Fact]
    public void Follows_HeldWhenTheTraceWasRead_IsFalse()
    {
        var path = $"{_top}/lock";
        LockTrace trace;
        using (InstanceLock.Acquire(path, TimeSpan.Zero, "other", TimeProvider.System))
            trace = InstanceLock.Trace(path);
        using var mine = InstanceLock.Acquire(path, TimeSpan.Zero, "mine", TimeProvider.System);
        Assert.False(mine.Follows(trace));
    }

    [Fact]
    public void Follows_HolderThatDied_IsFalse()
    {
        var path = $"{_top}/lock";
        // What one leaves that was killed: no word of letting go.
        File.WriteAllText(path, "pid 1\nstarted 2026-01-01T00:00:00Z\ncommand apply\nturn 7\n");
        var trace = InstanceLock.Trace(path);
        Assert.Equal(new LockTrace(7, AtRest: false), trace);
        using var mine = InstanceLock.Acquire(path, TimeSpan.Zero, "mine", TimeProvider.System);
        Assert.False(mine.Follows(trace));
    }

    [Fact]
    public async Task Acquire_LetGoMeanwhile_GetsIt()
    {
        var path = $"{_top}/lock";
        var first = InstanceLock.Acquire(path, TimeSpan.Zero, "first", TimeProvider.System);
        var second = Task.Run(() => InstanceLock.Acquire(path, TimeSpan.FromSeconds(30), "second", TimeProvider.System));
        await Task.Delay(100);
        Assert.False(second.IsCompleted);

        first.Dispose();

        using var got = await second;
        Assert.Equal("second", InstanceLock.ReadHolder(path).Command);
    }

    [Fact]
    public void Acquire_Cancelled_Stops()
    {
        var path = $"{_top}/lock";
        using var first = InstanceLock.Acquire(path, TimeSpan.Zero, "first", TimeProvider.System);
        using var cancel = new CancellationTokenSource(30);

        Assert.Throws<OperationCanceledException>(
            () => InstanceLock.Acquire(path, TimeSpan.FromSeconds(30), "second", TimeProvider.System, cancel.Token));
    }

    [Fact]
    public void Send_ToASocket_ArrivesAsOneDatagram()
    {
        var path = $"{_top}/notify";
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));

        Assert.True(ServiceNotify.Send(path, "READY=1\nSTATUS=watching"));

        var buffer = new byte[100];
        Assert.Equal("READY=1\nSTATUS=watching", Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer)));
        Assert.False(ServiceNotify.Send(null, "READY=1"));
    }

    [Fact]
    public void HostFacts_OfThisHost_AreThoseOfProc()
    {
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), HostFacts.BootId);
        Assert.Equal(Environment.MachineName, HostFacts.HostName);
        Assert.NotEmpty(HostFacts.KernelRelease);
    }

    [Fact]
    public void Find_DeviceNodes_HaveTheirNumbers()
    {
        Assert.Equal(new DeviceNode(false, 1, 3), DeviceNode.Find("/dev/null"));
        Assert.Null(DeviceNode.Find("/etc/passwd"));
        Assert.Null(DeviceNode.Find("/dev/none"));
    }
}
