using System.Text;
using Provision.Kernel.Logs;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Tests.Logs;

/// <summary>A pipe and a log directory of a test's own, and a clock that the test turns.</summary>
internal sealed class LogBench : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("provision-test-").FullName;
    private readonly Fd _containerEnd;

    public LogBench()
    {
        LogFifo.Make(FifoPath, uint.MaxValue, uint.MaxValue);
        Fifo = LogFifo.OpenReader(FifoPath);
        _containerEnd = LogFifo.OpenContainerEnd(FifoPath);
    }

    public string FifoPath => $"{_top}/fifo";

    public string Directory_ => $"{_top}/log";

    public Fd Fifo { get; }

    public HandClock Clock { get; } = new();

    public LogWriter Writer(ulong maxSize = 1 << 20, int maxFiles = 100) => new(Directory_, new LoggingSpec(maxSize, maxFiles), Clock);

    /// <summary>Writes as a container does; at most what a pipe holds.</summary>
    public void Say(string text) => Assert.Equal(0, Sys.WriteAll(_containerEnd, Encoding.UTF8.GetBytes(text)));

    /// <summary>Says it and moves it into the log.</summary>
    public void Log(LogWriter writer, string text)
    {
        Say(text);
        Assert.Equal(PumpEnd.Empty, writer.Pump(Fifo, 1 << 20).End);
    }

    public string[] Files(string suffix) => [.. Directory.GetFiles(Directory_, "*" + suffix).Order(StringComparer.Ordinal)];

    /// <summary>Every byte of the log, straight from its files.</summary>
    public string Bytes() => string.Concat(Files(LogFiles.Data).Select(File.ReadAllText));

    public string Read(LogQuery query)
    {
        using var to = new MemoryStream();
        LogReader.Copy(Directory_, query, to);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    public void Dispose()
    {
        Fifo.Dispose();
        _containerEnd.Dispose();
        Directory.Delete(_top, recursive: true);
    }
}

/// <summary>A clock that stands still until it is turned.</summary>
internal sealed class HandClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Turn(TimeSpan by) => _now += by;
}
