using System.Text;

namespace Provision.Spec.Tests;

public sealed class ManifestFilesTests : IDisposable
{
    private const string Bridge = "apiVersion: provision/v1\nkind: Bridge\nmetadata: {name: NAME}\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("provision-spec-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_MissingPath_PathNotFoundAndTheRestIsRead()
    {
        var result = Load(Path.Combine(_directory, "nope.yaml"), Write("a.yaml", Bridge.Replace("NAME", "a")));
        Assert.Equal([DiagnosticCodes.PathNotFound], Codes(result));
        Assert.Single(result.Set.Ordered);
    }

    [Fact]
    public void Load_FileThatReadsBadly_PathUnreadable() =>
        Assert.Equal([DiagnosticCodes.PathUnreadable], Codes(Load("/proc/self/mem"))); // address 0 is not mapped: EIO

    [Fact]
    public void Load_FileOverTheLimit_FileTooLarge()
    {
        var path = Write("big.yaml", new string('#', 3 << 20));
        var options = new ManifestOptions { Limits = new ReadLimits { FileBytes = 2 << 20 } };
        Assert.Equal([DiagnosticCodes.FileTooLarge], Codes(Manifests.Load([path], TestKinds.All, options)));
    }

    [Fact]
    public void Load_EndlessFile_FileTooLarge() =>
        Assert.Equal([DiagnosticCodes.FileTooLarge], Codes(Load("/dev/zero")));

    [Fact]
    public void Load_StandardInput_Read()
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(Bridge.Replace("NAME", "a") + "spec: {mtu: x}\n"));
        var result = Manifests.Load(["-", "-"], TestKinds.All, new ManifestOptions { Input = input });
        Assert.Equal("<stdin>", Assert.Single(result.Diagnostics.Items).Span.File);
        Assert.Equal("<stdin>", Assert.Single(result.Files).Path);
    }

    [Fact]
    public void Load_OneFileByTwoPaths_ReadOnce()
    {
        var path = Write("a.yaml", Bridge.Replace("NAME", "a"));
        var result = Load(path, _directory, Path.Combine(_directory, "..", Path.GetFileName(_directory), "a.yaml"));
        Assert.Empty(result.Diagnostics.Items);
        Assert.Single(result.Files);
    }

    [Fact]
    public void Load_LinkToTheDirectoryItself_NotFollowed()
    {
        Write("a.yaml", Bridge.Replace("NAME", "a"));
        Directory.CreateSymbolicLink(Path.Combine(_directory, "loop"), _directory);
        File.CreateSymbolicLink(Path.Combine(_directory, "b.yaml"), Write("b.txt", Bridge.Replace("NAME", "b")));
        Assert.Equal(2, Load(_directory).Files.Length);
    }

    [Fact]
    public void Digest_SameContentElsewhere_Equal()
    {
        var here = Load(Write("a.yaml", Bridge.Replace("NAME", "a")));
        var there = Load(Write("b.yaml", Bridge.Replace("NAME", "a")));
        var other = Load(Write("c.yaml", Bridge.Replace("NAME", "c")));
        Assert.Equal(here.Digest, there.Digest);
        Assert.NotEqual(here.Digest, other.Digest);
    }

    [Fact]
    public void Digest_VariableMoved_Differs()
    {
        var path = Write("a.yaml", Bridge.Replace("NAME", "\"${N}\""));
        string Digest(string value) => Manifests.Load([path], TestKinds.All, new ManifestOptions { Variables = _ => value }).Digest;
        Assert.Equal(Digest("a"), Digest("a"));
        Assert.NotEqual(Digest("a"), Digest("b"));
    }

    private ManifestResult Load(params string[] paths) => Manifests.Load(paths, TestKinds.All);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static IEnumerable<string> Codes(ManifestResult result) => result.Diagnostics.Items.Select(static d => d.Code);
}
