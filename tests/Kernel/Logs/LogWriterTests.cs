using System.Text;
using Provision.Kernel.Logs;

namespace Provision.Kernel.Tests.Logs;

public sealed class LogWriterTests : IDisposable
{
    private readonly LogBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Pump_WhatWasSaid_IsInTheFile()
    {
        using var writer = _bench.Writer();

        _bench.Log(writer, "one\ntwo\n");
        _bench.Log(writer, "three");

        Assert.Equal("one\ntwo\nthree", _bench.Bytes());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bench.Files(LogFiles.Data)[0]));
    }

    [Fact]
    public void Pump_PastTheSize_GoesOnInTheNextFile()
    {
        using var writer = _bench.Writer(maxSize: 4096);
        var text = Lines(1000);

        _bench.Log(writer, text);

        Assert.Equal(text, _bench.Bytes());
        Assert.All(_bench.Files(LogFiles.Data)[..^1], static f => Assert.Equal(4096, new FileInfo(f).Length));
    }

    [Fact]
    public void Pump_PastTheNumberOfFiles_KeepsTheYoungest()
    {
        using var writer = _bench.Writer(maxSize: 4096, maxFiles: 2);
        var text = Lines(3000);

        _bench.Log(writer, text);

        Assert.Equal(2, _bench.Files(LogFiles.Data).Length);
        Assert.Equal(2, _bench.Files(LogFiles.Index).Length);
        Assert.EndsWith(_bench.Bytes(), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Pump_ANewWriter_ContinuesWhereTheLastOneWas()
    {
        using (var first = _bench.Writer())
            _bench.Log(first, "before\n");
        using var second = _bench.Writer();

        _bench.Log(second, "after\n");

        Assert.Equal("before\nafter\n", _bench.Bytes());
        Assert.Single(_bench.Files(LogFiles.Data));
    }

    [Fact]
    public void Pump_DiedAtEachStepOfEachRotation_LosesNoByte()
    {
        var said = new StringBuilder();
        var deaths = 0;
        // Each round dies one step later, until one comes through.
        for (var survives = 0; ; survives++)
        {
            var text = Lines(700, survives);
            said.Append(text);
            _bench.Say(text);
            using var writer = _bench.Writer(maxSize: 4096);
            var steps = 0;
            writer.Fault = _ =>
            {
                if (steps++ >= survives)
                    throw new OperationCanceledException();
            };
            try
            {
                writer.Pump(_bench.Fifo, 1 << 20);
            }
            catch (OperationCanceledException)
            {
                deaths++;
                writer.Fault = null;
                // What the dead one held is closed by the kernel; its successor starts from the files alone.
                using var successor = _bench.Writer(maxSize: 4096);
                Assert.Equal(PumpEnd.Empty, successor.Pump(_bench.Fifo, 1 << 20).End);
                Assert.Equal(said.ToString(), _bench.Bytes());
                continue;
            }

            break;
        }

        Assert.True(deaths > 10, $"only {deaths} places to die at");
        Assert.Equal(said.ToString(), _bench.Bytes());
    }

    [Fact]
    public void Pump_DiedBetweenAFileAndItsIndex_NextWriterPrunesBoth()
    {
        using (var writer = _bench.Writer(maxSize: 4096, maxFiles: 1))
            _bench.Log(writer, Lines(100));
        File.WriteAllText(LogFiles.Path(_bench.Directory_, 7, LogFiles.Index), "orphan");

        using var next = _bench.Writer(maxSize: 4096, maxFiles: 1);
        _bench.Log(next, "x");

        Assert.Single(_bench.Files(LogFiles.Data));
        Assert.Single(_bench.Files(LogFiles.Index));
    }

    [Fact]
    public void Pump_ATornTimeRecord_IsWrittenOver()
    {
        using (var writer = _bench.Writer())
            _bench.Log(writer, "one\n");
        var index = _bench.Files(LogFiles.Index)[0];
        File.WriteAllBytes(index, [.. File.ReadAllBytes(index), 1, 2, 3]);
        _bench.Clock.Turn(TimeSpan.FromSeconds(1));

        using (var writer = _bench.Writer())
            _bench.Log(writer, "two\n");

        Assert.Equal([0L, 4L], LogTimes.Read(index).Select(static r => r.Offset));
    }

    [Fact]
    public void Pump_TheDirectoryCannotBe_LeavesTheBytesInThePipe()
    {
        File.WriteAllText(_bench.Directory_, "a file where the directory should be");
        using var writer = _bench.Writer();
        _bench.Say("kept\n");

        Assert.Equal(PumpEnd.Refused, writer.Pump(_bench.Fifo, 1 << 20).End);

        File.Delete(_bench.Directory_);
        Assert.Equal(5, writer.Pump(_bench.Fifo, 1 << 20).Moved);
        Assert.Equal("kept\n", _bench.Bytes());
    }

    [Fact]
    public void OpenReader_OfThePipe_LeavesTheContainersEndBlocking()
    {
        using var container = LogFifo.OpenContainerEnd(_bench.FifoPath);

        var flags = File.ReadAllLines($"/proc/self/fdinfo/{container.Number}").Single(static l => l.StartsWith("flags:", StringComparison.Ordinal));

        Assert.Equal(0, Convert.ToInt32(flags[6..].Trim(), 8) & Libc.O_NONBLOCK);
    }

    private static string Lines(int count, int salt = 0) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"{salt} line {i}\n"));
}
