using System.Diagnostics;
using Provision.Testing;

namespace Provision.Kernel.Reading;

/// <summary>A program that wears the reading filter and then tries to write dies, on whichever thread it tries.</summary>
public sealed class WearTests
{
    private const int KilledBySigsys = 128 + 31;

    [RootTheory]
    [InlineData("read")]
    [InlineData("read beneath")]
    [InlineData("work")]
    [InlineData("open to change")]
    [InlineData("prepared file")]
    [InlineData("prepared file given up")]
    public void Wear_ThenWhatReadersDo_Works(string what)
    {
        using var directory = new OwnDirectory();
        directory.Write("file", "content\n");

        Assert.Equal("worn\ndone\n", Run(directory, what).Succeeded().Out);

        Assert.Equal("content\n", File.ReadAllText($"{directory.Path}/file"));
        Assert.Equal(what == "prepared file" ? "plan" : null, File.Exists($"{directory.Path}/new") ? File.ReadAllText($"{directory.Path}/new") : null);
        Assert.Equal(what == "prepared file" ? 2 : 1, Directory.GetFileSystemEntries(directory.Path).Length);
    }

    [RootTheory]
    [InlineData("File.WriteAllText")]
    [InlineData("File.WriteAllText on an older thread")]
    [InlineData("File.WriteAllText on a newer thread")]
    [InlineData("File.AppendAllText")]
    [InlineData("File.Delete")]
    [InlineData("File.Move")]
    [InlineData("File.SetUnixFileMode")]
    [InlineData("Directory.CreateDirectory")]
    [InlineData("Process.Kill")]
    [InlineData("DirectoryWriter.Write")]
    [InlineData("DirectoryWriter.SetAttribute")]
    [InlineData("AtomicFile.Write")]
    [InlineData("another prepared file")]
    public void Wear_ThenAWrite_KillsTheProcess(string what)
    {
        using var directory = new OwnDirectory();
        var path = directory.Write("file", "content\n");

        var result = Run(directory, what).Exited(KilledBySigsys);

        Assert.Equal("worn\n", result.Out);
        Assert.Equal("content\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(directory.Path));
    }

    private static CommandResult Run(OwnDirectory directory, string what)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(WearTests).Assembly.Location, "wear", what, directory.Path]);
        // What the runtime of the tests, not that of the program, writes on its own: a socket for debuggers, code that it makes.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return Command.Run(start, "", TimeSpan.FromMinutes(5));
    }
}
