using Provision.Testing;

namespace Provision.Kernel.Selinux;

/// <summary>
/// Labels of a hostile tree, with Python's os.getxattr as the witness. The attribute is kept whether SELinux is on or not, so this needs
/// no policy; the types are ones that every policy has.
/// </summary>
public sealed class FileLabelsTests : IDisposable
{
    private const string Label = "system_u:object_r:usr_t:s0", Other = "system_u:object_r:etc_t:s0";

    private readonly OwnDirectory _directory = new();
    private readonly string _tree, _outside;

    public FileLabelsTests()
    {
        _tree = Directory.CreateDirectory(Path.Combine(_directory.Path, "tree")).FullName;
        _outside = Directory.CreateDirectory(Path.Combine(_directory.Path, "outside")).FullName;
        File.WriteAllText(Path.Combine(_outside, "secret"), "");
        Directory.CreateDirectory(Path.Combine(_tree, "a/b"));
        File.WriteAllText(Path.Combine(_tree, "a/b/file"), "");
        File.CreateSymbolicLink(Path.Combine(_tree, "a/file-link"), Path.Combine(_outside, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_tree, "a/directory-link"), _outside);
        Command.Run("mkfifo", [Path.Combine(_tree, "fifo")]).Succeeded();
        foreach (var path in (string[])["", "a", "a/b", "a/b/file", "fifo"])
            Write(Path.Combine(_tree, path));
        Write(_outside);
        Write(Path.Combine(_outside, "secret"));
    }

    public void Dispose() => _directory.Dispose();

    [RootFact]
    public void Execute_Relabel_LabelsTheTreeAndNothingThatALinkLeadsTo()
    {
        var executor = new SelinuxExecutor(new SecurityReader(CgroupLayout.Discover));

        Assert.Null(Assert.Single(executor.Execute([new SelinuxRelabel(_tree, Label, Recurse: true)], CancellationToken.None)));

        Assert.All((string[])["", "a", "a/b", "a/b/file", "fifo"], path => Assert.Equal(Label, Read(Path.Combine(_tree, path))));
        Assert.All([_outside, Path.Combine(_outside, "secret")], static path => Assert.Equal(Other, Read(path)));
        using var tree = FileLabels.Open(_tree)!;
        Assert.Equal(["", "a", "a/b", "a/b/file", "fifo"], tree.Read(recurse: true).Select(static l => l.Path).Order(StringComparer.Ordinal));
        Assert.All(tree.Read(recurse: true), static l => Assert.Equal(("usr_t", "s0"), l.Parts));

        Assert.Null(Assert.Single(executor.Execute([new SelinuxRestoreLabels(_tree, [new FileLabel("a/b", Other), new FileLabel("gone", Other)])], CancellationToken.None)));
        Assert.Equal((Other, Label), (Read(Path.Combine(_tree, "a/b")), Read(Path.Combine(_tree, "a"))));
    }

    [RootFact]
    public void Execute_WithoutRecursion_LabelsTheOneObject()
    {
        var executor = new SelinuxExecutor(new SecurityReader(CgroupLayout.Discover));

        Assert.Null(Assert.Single(executor.Execute([new SelinuxRelabel(_tree, Label, Recurse: false)], CancellationToken.None)));

        Assert.Equal((Label, Other), (Read(_tree), Read(Path.Combine(_tree, "a"))));
    }

    [RootFact]
    public void Open_ThroughALink_FindsNothing()
    {
        Assert.Null(FileLabels.Open(Path.Combine(_tree, "a/directory-link")));
        Assert.Null(FileLabels.Open(Path.Combine(_tree, "a/directory-link/secret")));
        Assert.Null(FileLabels.Open(Path.Combine(_tree, "none")));
    }

    [RootFact]
    public void Read_MountInTheTree_IsNoPartOfIt()
    {
        var mounted = Path.Combine(_tree, "a/b");
        Command.Run("mount", ["-t", "tmpfs", "none", mounted]).Succeeded();
        try
        {
            File.WriteAllText(Path.Combine(mounted, "inner"), "");
            using var tree = FileLabels.Open(_tree)!;

            Assert.Equal(["", "a", "fifo"], tree.Read(recurse: true).Select(static l => l.Path).Order(StringComparer.Ordinal));
        }
        finally
        {
            Command.Run("umount", [mounted]).Succeeded();
        }
    }

    private static string Read(string path) => Command.Run("python3", ["-c", "import os,sys;print(os.getxattr(sys.argv[1],'security.selinux').decode().rstrip(chr(0)),end='')", path]).Succeeded().Out;

    private static void Write(string path) =>
        Command.Run("python3", ["-c", "import os,sys;os.setxattr(sys.argv[1],'security.selinux',sys.argv[2].encode())", path, Other]).Succeeded();
}
