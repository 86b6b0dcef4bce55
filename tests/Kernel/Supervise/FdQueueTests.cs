using Provision.Kernel.Logs;

namespace Provision.Kernel.Supervise;

public sealed class FdQueueTests : IDisposable
{
    private readonly FdQueue _queue = FdQueue.Make();

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Peek_OfWhatWasSent_GivesCopiesAndLeavesIt()
    {
        using (var first = ProgramFile.Of("first"u8))
        using (var second = ProgramFile.Of("second"u8))
            Assert.Equal(0, _queue.Send("web 1 2", first, second));

        for (var i = 0; i < 2; i++)
        {
            var (name, files) = _queue.Peek()!.Value;
            Assert.Equal(("web 1 2", 2), (name, files.Count));
            Assert.Equal("second", Content(files[1]));
            files.ForEach(static f => f.Dispose());
        }

        var (_, last) = _queue.Peek()!.Value;
        _queue.Pop();
        Assert.Equal("first", Content(last[0]));
        last.ForEach(static f => f.Dispose());
        Assert.Null(_queue.Peek());
    }

    [Fact]
    public void Send_OfSeveral_KeepsTheirOrder()
    {
        using (var file = ProgramFile.Of("file"u8))
            for (var i = 0; i < 100; i++)
                Assert.Equal(0, _queue.Send($"{i}", file));

        for (var i = 0; i < 100; i++)
        {
            var (name, files) = _queue.Peek()!.Value;
            Assert.Equal(($"{i}", 1), (name, files.Count));
            files.ForEach(static f => f.Dispose());
            _queue.Pop();
        }

        Assert.Equal(0, _queue.Send("mark"));
        Assert.Equal(("mark", 0), (_queue.Peek()!.Value.Name, _queue.Peek()!.Value.Files.Count));
    }

    private static string? Content(Fd file)
    {
        LogNative.lseek(file.Number, 0, 0);
        return Sys.ReadAll(file).Text;
    }
}
