namespace Provision.Kernel.Tests;

public sealed class DirectoryTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("provision-test-").FullName;
    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;

    public DirectoryTests()
    {
        Directory.CreateDirectory($"{_top}/root/a/b");
        File.WriteAllText($"{_top}/root/a/value", "one\n");
        File.WriteAllText($"{_top}/secret", "secret");
        File.CreateSymbolicLink($"{_top}/root/out", "../secret");
        File.CreateSymbolicLink($"{_top}/root/absolute", $"{_top}/secret");
        _reader = new DirectoryReader($"{_top}/root", Resolve.Beneath);
        _writer = new DirectoryWriter(_reader);
    }

    public void Dispose()
    {
        Beneath.ForceFallback = false;
        _reader.Dispose();
        Directory.Delete(_top, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_PathsThatLeaveTheRoot_AreRefused(bool withoutOpenat2)
    {
        Beneath.ForceFallback = withoutOpenat2;

        Assert.Equal("one\n", _reader.Read("a/value"));
        foreach (var path in new[] { "../secret", "out", "absolute", "a/../../secret", "/etc/passwd" })
            Assert.Throws<Reconciler.KernelException>(() => _reader.Read(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_Absent_IsNull(bool withoutOpenat2)
    {
        Beneath.ForceFallback = withoutOpenat2;

        Assert.Null(_reader.Read("a/none"));
        Assert.Null(_reader.Read("none/value"));
        Assert.False(_reader.Exists("none"));
        Assert.True(_reader.Exists(""));
        Assert.Null(_reader.Visit("none", []));
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(20000)]
    public void Read_LongFile_IsWhole(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26))));
        File.WriteAllText($"{_top}/root/long", text);

        Assert.Equal(text, _reader.Read("long"));
    }

    [Fact]
    public void Visit_Directory_ListsSubdirectoriesSorted()
    {
        Directory.CreateDirectory($"{_top}/root/Z");

        Assert.Equal(["Z", "a"], _reader.Visit("", [])!.Children);
    }

    [Fact]
    public void Write_FileThatIsNotThere_IsAnErrorWithPathAndValue()
    {
        var error = _writer.Write("a/none", "5");

        Assert.Equal(Errno.ENOENT, error!.Errno);
        Assert.Equal($"open {_top}/root/a/none 5: ENOENT (no such file or directory)", error.ToString());
        Assert.False(File.Exists($"{_top}/root/a/none"));
    }

    [Fact]
    public void Directories_MadeAndRemoved_AreReal()
    {
        Assert.Null(_writer.MakeDirectory("a/new"));
        Assert.True(Directory.Exists($"{_top}/root/a/new"));
        Assert.Equal(Errno.EEXIST, _writer.MakeDirectory("a/new")!.Errno);
        Assert.Null(_writer.RemoveDirectory("a/new"));
        Assert.False(Directory.Exists($"{_top}/root/a/new"));
        Assert.Equal(Errno.ENOTEMPTY, _writer.RemoveDirectory("a")!.Errno);
    }
}
