using System.Globalization;
using System.Text;
using Provision.Kernel.Logs;

namespace Provision.Kernel.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly LogBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Copy_NoDirectory_IsEmpty() => Assert.Equal("", _bench.Read(new LogQuery()));

    [Theory]
    [InlineData("", 3)]
    [InlineData("a\n", 1)]
    [InlineData("a\nb", 1)]
    [InlineData("a\nb\n", 0)]
    [InlineData("a\nb\nc\n", 2)]
    [InlineData("a\nb\nc\n", 9)]
    [InlineData("\n\n\n", 2)]
    public void Copy_Tail_IsWhatTailPrints(string said, int lines)
    {
        using var writer = _bench.Writer();
        if (said.Length > 0)
            _bench.Log(writer, said);

        var expected = said.Split('\n', StringSplitOptions.None).ToList();
        var open = expected[^1];
        expected.RemoveAt(expected.Count - 1);
        var all = expected.Select(static l => l + "\n").Concat(open.Length > 0 ? [open] : []).ToList();

        Assert.Equal(string.Concat(all.TakeLast(lines)), _bench.Read(new LogQuery(Tail: lines)));
    }

    [Fact]
    public void Copy_TailAcrossFiles_IsTheLastLines()
    {
        using var writer = _bench.Writer(maxSize: 4096);
        var lines = Enumerable.Range(0, 2000).Select(static i => $"line number {i}\n").ToList();
        _bench.Log(writer, string.Concat(lines));

        Assert.True(_bench.Files(LogFiles.Data).Length > 3);
        Assert.Equal(string.Concat(lines.TakeLast(1500)), _bench.Read(new LogQuery(Tail: 1500)));
        Assert.Equal(string.Concat(lines), _bench.Read(new LogQuery()));
    }

    [Fact]
    public void Copy_Timestamps_LeadEachLineOnceAcrossFiles()
    {
        using var writer = _bench.Writer(maxSize: 4096);
        var expected = new StringBuilder();
        for (var i = 0; i < 600; i++)
        {
            expected.Append(CultureInfo.InvariantCulture, $"{_bench.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.ffffffZ} line {i}\n");
            // A line that comes in two parts has the time of the first.
            _bench.Log(writer, "line ");
            _bench.Clock.Turn(TimeSpan.FromSeconds(1));
            _bench.Log(writer, $"{i}\n");
            _bench.Clock.Turn(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(expected.ToString(), _bench.Read(new LogQuery(Timestamps: true)));
    }

    [Fact]
    public void Copy_Since_BeginsWithTheFirstLineThatBeganThen()
    {
        using var writer = _bench.Writer();
        _bench.Log(writer, "old\nbegun before ");
        _bench.Clock.Turn(TimeSpan.FromSeconds(10));
        var since = _bench.Clock.GetUtcNow();
        _bench.Log(writer, "and ended after\nnew\n");

        Assert.Equal("new\n", _bench.Read(new LogQuery(Since: since)));
        Assert.Equal("", _bench.Read(new LogQuery(Since: since + TimeSpan.FromSeconds(1))));
        Assert.Equal("old\nbegun before and ended after\nnew\n", _bench.Read(new LogQuery(Since: since - TimeSpan.FromHours(1))));
    }

    [Fact]
    public void Copy_Follow_GivesWhatComesThroughRotationsUntilCancelled()
    {
        using var writer = _bench.Writer(maxSize: 4096);
        _bench.Log(writer, "first\n");
        using var to = new Pipe();
        using var cancel = new CancellationTokenSource();
        var following = new Thread(() => LogReader.Copy(_bench.Directory_, new LogQuery(Follow: true), to, cancel.Token)) { IsBackground = true };
        following.Start();

        var said = new StringBuilder("first\n");
        for (var i = 0; i < 50; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 20).Select(n => $"round {i} line {n}\n"));
            said.Append(text);
            _bench.Log(writer, text);
        }

        Assert.True(to.WaitFor(said.Length, Patience), $"{to.Text.Length} of {said.Length} bytes came");
        cancel.Cancel();
        Assert.True(following.Join(Patience));
        Assert.Equal(said.ToString(), to.Text);
    }

    /// <summary>A stream that can be waited upon.</summary>
    private sealed class Pipe : MemoryStream
    {
        private readonly object _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                    return Encoding.UTF8.GetString(ToArray());
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_gate)
            {
                base.Write(buffer);
                Monitor.PulseAll(_gate);
            }
        }

        public bool WaitFor(long length, TimeSpan patience)
        {
            var until = DateTime.UtcNow + patience;
            lock (_gate)
                while (Length < length)
                    if (until - DateTime.UtcNow is var left && (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left)))
                        return Length >= length;
            return true;
        }
    }
}
