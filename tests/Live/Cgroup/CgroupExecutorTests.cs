using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Testing;

[Trait("Needs", "cgroup-v1")]
public sealed class CgroupExecutorTests : IDisposable
{
    private readonly OwnInstance _instance = new();
    private readonly CgroupLayout _layout = CgroupLayout.Discover();
    private readonly CgroupExecutor _executor;
    private readonly CgroupReader _reader;

    public CgroupExecutorTests()
    {
        _executor = new CgroupExecutor(_layout);
        _reader = new CgroupReader(_layout);
    }

    private ImmutableArray<string> Everywhere => [.. _layout.Hierarchies.Select(h => h.Name)];

    private string Root => _instance.CgroupRoot;

    public void Dispose()
    {
        _executor.Dispose();
        _reader.Dispose();
        _instance.Dispose();
    }

    [RootFact]
    public void Discover_ThisHost_MatchesItsMounts()
    {
        foreach (var controller in new[] { "cpu", "cpuset", "memory", "blkio", "devices", "pids" })
            Assert.Equal(Hierarchies.V1(controller), _layout.For(controller)?.MountPoint);
        Assert.Equal(Hierarchies.Unified, _layout.Primary.MountPoint);
    }

    [RootFact]
    public void CreateAndRemove_OneCgroup_IsInEveryHierarchyAndGone()
    {
        Do(new CgroupCreate(Root, Everywhere));

        Assert.Equal(_layout.Hierarchies.Length, _instance.CgroupDirectories().Count);
        Assert.Equal(File.ReadAllText($"{Hierarchies.V1("cpuset")}/cpuset.cpus"), File.ReadAllText(_instance.V1("cpuset", "cpuset.cpus")));
        Assert.NotEqual("\n", File.ReadAllText(_instance.V1("cpuset", "cpuset.mems")));

        Do(new CgroupRemove(Root, Everywhere));
        Assert.Empty(_instance.CgroupDirectories());
        Do(new CgroupRemove(Root, Everywhere));
    }

    [RootFact]
    public void Create_BelowACpusetThatWasCutShort_GivesBothWhatTheyNeed()
    {
        if (Hierarchies.V1("cpuset") is null)
            return; // v2 children inherit.
        Directory.CreateDirectory(_instance.V1("cpuset"));
        Do(new CgroupCreate(Root, Everywhere.Remove(_layout.For("cpuset")!.Name), Completes: true));
        Assert.Equal("\n", File.ReadAllText(_instance.V1("cpuset", "cpuset.cpus")));

        Do(new CgroupCreate($"{Root}/web.cg", Everywhere));

        foreach (var file in new[] { "cpuset.cpus", "web.cg/cpuset.cpus" })
            Assert.Equal(File.ReadAllText($"{Hierarchies.V1("cpuset")}/cpuset.cpus"), File.ReadAllText(_instance.V1("cpuset", file)));
    }

    [RootFact]
    public void Create_OneHierarchyHasItAlready_ChangesNothing()
    {
        Directory.CreateDirectory(_instance.V1("pids"));

        var error = Refused(new CgroupCreate(Root, Everywhere));

        Assert.Equal(Errno.EEXIST, error.Errno);
        Assert.Equal(_instance.V1("pids").TrimEnd('/'), Assert.Single(_instance.CgroupDirectories()));
    }

    [RootFact]
    public void Mark_SetAndRemoved_IsAnXattrOthersSee()
    {
        Do(new CgroupCreate(Root, Everywhere));
        var spec = "{\"x\":\"" + new string('y', 30000) + "\"}";

        Do(Mark((CgroupMarks.Instance, "i"), (CgroupMarks.Resource, "Cgroup/web"), (CgroupMarks.Spec, spec)));

        Assert.Equal("Cgroup/web", Xattr("trusted.provision.resource"));
        Assert.Equal(spec, _reader.Visit(Root)!.Marks[CgroupMarks.Spec]);
        Do(Mark((CgroupMarks.Resource, null), (CgroupMarks.Stack, null)));
        Assert.Equal("", Xattr("trusted.provision.resource"));
        Assert.Equal([CgroupMarks.Instance, CgroupMarks.Spec], _reader.Visit(Root)!.Marks.Keys);
    }

    [RootFact]
    public void Write_ValueTheKernelRefuses_TellsFileValueAndErrno()
    {
        Do(new CgroupCreate(Root, Everywhere));

        var error = Refused(new CgroupWrite("cpu", Root, "cpu.cfs_period_us", "999"));

        Assert.Equal($"write {_instance.V1("cpu", "cpu.cfs_period_us")} 999: EINVAL (invalid argument)", error.ToString());
        Assert.Equal(Errno.EINVAL, Refused(new CgroupWrite("cpu", Root, "cpu.shares", "")).Errno);
    }

    [RootFact]
    public void Execute_HundredCgroups_AllMadeAndFound()
    {
        Do(new CgroupCreate(Root, Everywhere));
        var paths = Enumerable.Range(0, 100).Select(i => $"{Root}/c{i:000}.cg").ToList();

        Assert.All(_executor.Execute([.. paths.Select(p => new CgroupCreate(p, Everywhere))], default), Assert.Null);
        Assert.Equal(paths, CgroupTree.Load(_reader, Root).Paths);
        Assert.All(_executor.Execute([.. paths.Select(p => new CgroupRemove(p, Everywhere))], default), Assert.Null);
        Assert.Empty(CgroupTree.Load(_reader, Root).Paths);
    }

    private CgroupMark Mark(params (string Name, string? Value)[] marks) => new(
        Root, marks.ToImmutableSortedDictionary(static m => m.Name, static m => m.Value, StringComparer.Ordinal));

    // Python has getxattr in its standard library: a witness that is not ours.
    private string Xattr(string name) => Command.Run("python3", ["-c",
        $"import os\ntry: print(os.getxattr('{_instance.Unified().TrimEnd('/')}', '{name}').decode(), end='')\nexcept OSError: pass"]).Succeeded().Out;

    private void Do(Operation operation) => Assert.Null(Assert.Single(_executor.Execute([operation], default)));

    private KernelError Refused(Operation operation) => Assert.Single(_executor.Execute([operation], default))!;
}
