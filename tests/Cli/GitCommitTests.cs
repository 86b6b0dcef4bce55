namespace Provision.Cli.Tests;

public sealed class GitCommitTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly string _root = Directory.CreateTempSubdirectory("provision-git-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Of_ABranch_IsItsCommit()
    {
        Write(".git/HEAD", "ref: refs/heads/main\n");
        Write(".git/refs/heads/main", Commit + "\n");

        Assert.Equal(Commit, GitCommit.Of([Write("sub/a.yaml", "")]));
        Assert.Equal(Commit, GitCommit.Of(["-", _root]));
    }

    [Fact]
    public void Of_APackedBranch_IsItsCommit()
    {
        Write(".git/HEAD", "ref: refs/heads/main\n");
        Write(".git/packed-refs", $"# pack-refs with: peeled\n{new string('1', 40)} refs/heads/not-main\n{Commit} refs/heads/main\n^{new string('2', 40)}\n");

        Assert.Equal(Commit, GitCommit.Of([_root]));
    }

    [Fact]
    public void Of_ADetachedHead_IsIt()
    {
        Write(".git/HEAD", Commit + "\n");

        Assert.Equal(Commit, GitCommit.Of([_root]));
    }

    [Fact]
    public void Of_ALinkedWorkTree_IsItsOwnHead()
    {
        Write("main/.git/refs/heads/side", Commit + "\n");
        Write("main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
        Write("main/.git/worktrees/side/commondir", "../..\n");
        Write("side/.git", $"gitdir: {_root}/main/.git/worktrees/side\n");

        Assert.Equal(Commit, GitCommit.Of([Path.Combine(_root, "side")]));
    }

    [Fact]
    public void Of_AnythingElse_IsNull()
    {
        Assert.Null(GitCommit.Of([_root]));
        Assert.Null(GitCommit.Of(["-"]));
        Write(".git/HEAD", "nonsense");
        Assert.Null(GitCommit.Of([_root]));
        Write(".git/HEAD", "ref: refs/heads/unborn\n");
        Assert.Null(GitCommit.Of([_root]));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
