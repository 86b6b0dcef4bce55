using System.Text;

namespace Provision.Kernel.Tests;

/// <summary>Files beside a manifest: what is read, and what is refused without being opened.</summary>
public sealed class BesideFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("beside");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("a.json")]
    [InlineData("below/b.json")]
    [InlineData("./below/../a.json")]
    public void Read_FileInOrBelowTheDirectory_IsItsContent(string name)
    {
        File.WriteAllText(At("a.json"), "text");
        _directory.CreateSubdirectory("below");
        File.WriteAllText(At("below/b.json"), "text");

        var (bytes, error) = Read(name);

        Assert.Null(error);
        Assert.Equal("text", Encoding.UTF8.GetString(bytes!));
    }

    [Theory]
    [InlineData("/etc/hostname", "its path is absolute")]
    [InlineData("../x", "its path leads out of the manifest's directory")]
    [InlineData("link", "there is a symbolic link on the way")]
    [InlineData("linked/a.json", "there is a symbolic link on the way")]
    [InlineData("nothing", "there is no such file")]
    [InlineData("below", "it is no regular file")]
    [InlineData("large", "it is larger than 1 KiB")]
    public void Read_AnythingElse_IsRefusedWithTheReason(string name, string why)
    {
        _directory.CreateSubdirectory("below");
        File.WriteAllText(At("below/a.json"), "text");
        File.CreateSymbolicLink(At("link"), "below/a.json");
        File.CreateSymbolicLink(At("linked"), "below");
        File.WriteAllText(At("large"), new string('x', 1025));

        Assert.Equal((null, why), Read(name));
    }

    // Reading one would wait for a writer for ever.
    [Fact]
    public void Read_Fifo_IsRefusedAtOnce()
    {
        using (var made = System.Diagnostics.Process.Start("mkfifo", [At("fifo")]))
            made.WaitForExit();

        Assert.Equal((null, "it is no regular file"), Read("fifo"));
    }

    private (byte[]? Bytes, string? Error) Read(string name) => BesideFile.Read(_directory.FullName, name, 1024);

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
