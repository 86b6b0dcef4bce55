using Provision.Kernel.Supervise;

namespace Provision.Kernel.Tests.Supervise;

public sealed class MessageFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_path + ".1");
    }

    [Fact]
    public void Trim_AFileThatIsTooLong_KeepsItBesideAndWritersGoOnAtTheBegin()
    {
        File.WriteAllText(_path, new string('x', (int)MessageFile.MaxLength + 1));
        using var writer = Sys.Open(Libc.AT_FDCWD, _path, Libc.O_WRONLY | 0x400).File!; // O_APPEND

        MessageFile.Trim(_path);
        Assert.Equal(0, Sys.WriteAll(writer, "next\n"u8));

        Assert.Equal("next\n", File.ReadAllText(_path));
        Assert.Equal(MessageFile.MaxLength + 1, new FileInfo(_path + ".1").Length);
    }

    [Fact]
    public void Trim_AFileThatIsNotOrIsShort_DoesNothing()
    {
        File.WriteAllText(_path, "short");
        MessageFile.Trim(_path);
        MessageFile.Trim(_path + ".none");

        Assert.Equal("short", File.ReadAllText(_path));
        Assert.False(File.Exists(_path + ".1"));
    }
}
