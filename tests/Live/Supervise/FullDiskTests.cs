using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>A log whose file system is full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int LinesLength = 20_000;

    private readonly SupervisorBench _bench = new();
    private readonly string _log;

    public FullDiskTests()
    {
        _bench.Supervise();
        _log = _bench.Paths.LogOf("web");
        Directory.CreateDirectory(_log);
        Command.Run("mount", ["-t", "tmpfs", "-o", "size=32k,mode=700", "none", _log]).Succeeded();
    }

    public void Dispose()
    {
        Command.Run("umount", ["-l", _log]);
        _bench.Dispose();
    }

    [RootFact]
    public void LastWords_OfOneThatEndedOnAFullDisk_AreWrittenWhenThereIsRoomAgain()
    {
        const int lines = 12_000; // more than the disk, less than the disk and a pipe
        _bench.Start(_bench.Order("web", $"seq {lines}; echo done") with { Logging = new LoggingSpec(1 << 20, 3) });
        Assert.Contains("ENOSPC", _bench.Until("web", static c => c.Run!.State == RunState.Exited).Run!.Trouble);
        Assert.Null(_bench.Ask(new Request { Verb = Verb.Start, Name = "web" }).Error);

        Command.Run("mount", ["-o", "remount,size=4m", _log]).Succeeded();

        var once = string.Concat(Enumerable.Range(1, lines).Select(static i => $"{i}\n")) + "done\n";
        SupervisorBench.Until(() => _bench.Log("web") == once + once, "something is missing in the log");
        _bench.Until("web", static c => c.Run is { State: RunState.Exited, Trouble: null });
    }

    [RootFact]
    public void Log_OnAFullDiskWithTheSupervisorKilled_GoesOnUnderTheNext()
    {
        _bench.Start(_bench.Order("web", $"seq {LinesLength}; echo done; sleep 100000") with { Logging = new LoggingSpec(1 << 20, 3) });
        _bench.Until("web", static c => c.Run!.Trouble is not null);
        _bench.KillSupervisor();
        _bench.Supervise();

        Command.Run("mount", ["-o", "remount,size=4m", _log]).Succeeded();

        _bench.UntilLogged("web", "done\n");
        Assert.Equal(string.Concat(Enumerable.Range(1, LinesLength).Select(static i => $"{i}\n")) + "done\n", _bench.Log("web"));
    }

    [RootFact]
    public void Log_OnAFullDisk_HoldsTheWriterTellsItAndGoesOnWithoutALoss()
    {
        _bench.Start(_bench.Order("web", $"seq {LinesLength}; echo done; sleep 100000") with { Logging = new LoggingSpec(1 << 20, 3) });

        Assert.Contains("ENOSPC", _bench.Until("web", static c => c.Run!.Trouble is not null).Run!.Trouble);
        Assert.True(_bench.Live("web").IsRunning);
        Command.Run("mount", ["-o", "remount,size=4m", _log]).Succeeded();

        _bench.UntilLogged("web", "done\n");
        Assert.Equal(string.Concat(Enumerable.Range(1, LinesLength).Select(static i => $"{i}\n")) + "done\n", _bench.Log("web"));
        _bench.Until("web", static c => c.Run!.Trouble is null);
    }
}
