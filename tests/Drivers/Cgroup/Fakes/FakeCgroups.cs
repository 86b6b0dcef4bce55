using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>
/// A model of cgroupfs in memory: directories appear with the files and defaults that a kernel gives them, and the
/// writes that a kernel refuses are refused. Reader and executor in one.
/// </summary>
internal sealed class FakeCgroups : ICgroupReader, IOperationExecutor
{
    private readonly SortedDictionary<string, FakeDirectory> _directories = new(StringComparer.Ordinal);

    private FakeCgroups(CgroupLayout layout)
    {
        Layout = layout;
        foreach (var hierarchy in layout.Hierarchies)
            _directories[Key(hierarchy.Name, "")] = new FakeDirectory(hierarchy, null, "");
    }

    /// <summary>v1 controllers, and a v2 hierarchy that has only hugetlb.</summary>
    public static FakeCgroups Hybrid() => new(new CgroupLayout(
        new[] { "memory", "cpu", "cpuset", "pids", "blkio", "devices" }
            .Select(static c => new CgroupHierarchy(c, $"/cg/{c}", false, [c]))
            .Append(new CgroupHierarchy("unified", "/cg/unified", true, ["hugetlb"]))));

    /// <summary>One v2 hierarchy with these controllers.</summary>
    public static FakeCgroups V2(params string[] controllers) => new(new CgroupLayout(
        [new CgroupHierarchy("unified", "/sys/fs/cgroup", true, controllers.Length == 0 ? ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"] : [.. controllers])]));

    /// <summary>A host without any cgroup hierarchy.</summary>
    public static FakeCgroups None() => new(new CgroupLayout([]));

    public CgroupLayout Layout { get; }

    public long PageSize => 4096;

    public string? OnlineCpus => "0-3";

    public string? OnlineNodes => "0";

    public ImmutableArray<long> HugePageSizes => [2 << 20, 1 << 30];

    /// <summary>Fails this operation with EIO; null: none.</summary>
    public string? FailAt { get; set; }

    /// <summary>Every file of every directory below the roots, for comparison.</summary>
    public string Dump() => string.Join('\n', _directories.Where(static d => d.Value.Path.Length > 0)
        .SelectMany(static d => d.Value.Files.Select(f => $"{d.Key}/{f.Key} = {f.Value}")
            .Concat(d.Value.Marks.Select(m => $"{d.Key} mark {m.Key} = {m.Value}"))
            .Append($"{d.Key} devices {(d.Value.Devices is { } rules ? string.Join(", ", rules) : "all")}")));

    public bool Exists(CgroupHierarchy hierarchy, string path) =>
        Find(hierarchy.Name, path) is not null
        || (path.LastIndexOf('/') is var cut && Find(hierarchy.Name, cut < 0 ? "" : path[..cut])?.Files.ContainsKey(path[(cut + 1)..]) == true);

    public IReadOnlyList<string> Children(CgroupHierarchy hierarchy, string path) =>
        [.. Below(hierarchy.Name, path).Select(static d => d.Path[(d.Path.LastIndexOf('/') + 1)..])];

    public CgroupNode? Visit(string path) => Find(Layout.Primary.Name, path) is { } directory
        ? new CgroupNode([.. Children(Layout.Primary, path)], directory.Marks.ToImmutableSortedDictionary())
        : null;

    public string? Read(CgroupHierarchy hierarchy, string path, string file) =>
        Find(hierarchy.Name, path)?.Files.TryGetValue(file, out var text) == true ? text + "\n" : null;

    public ImmutableArray<DeviceProgramInfo> DevicePrograms(CgroupHierarchy hierarchy, string path) =>
        Find(hierarchy.Name, path)?.Devices is { } rules ? [new DeviceProgramInfo(1, "provision_dev", "00", rules)] : [];

    public DeviceNode? Device(string path) => path switch
    {
        "/dev/null" => new DeviceNode(false, 1, 3),
        "/dev/zero" => new DeviceNode(false, 1, 5),
        "/dev/vda" or "254:0" => new DeviceNode(true, 254, 0),
        "8:0" => new DeviceNode(true, 8, 0),
        "/dev/vda1" => new DeviceNode(true, 254, 1, Partition: true),
        _ => null,
    };

    public bool Handles(Operation operation) => operation is CgroupOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel) =>
        [.. independent.Select(o => o.Text == FailAt ? Error(o, Errno.EIO) : Perform((CgroupOperation)o) is var errno and not 0 ? Error(o, errno) : null)];

    /// <summary>What somebody else does to a file; throws when the model refuses it.</summary>
    public void Foreign(string hierarchy, string path, string file, string value) =>
        Assert.Equal(0, Find(hierarchy, path)!.Write(file, value, Below(hierarchy, path)));

    /// <summary>A directory that somebody else makes.</summary>
    public void Make(string hierarchy, string path) =>
        _directories[Key(hierarchy, path)] = new FakeDirectory(Layout.Named(hierarchy)!, Find(hierarchy, Parent(path)), path);

    /// <summary>Makes the v2 root one that lies within another hierarchy: it then has a type, and can be busy.</summary>
    public void PutRootInANamespace() => Find("unified", "")!.Files["cgroup.type"] = "domain";

    /// <summary>What cgroup.procs shows.</summary>
    public void SetProcesses(string hierarchy, string path, string pids) => Find(hierarchy, path)!.Files["cgroup.procs"] = pids;

    /// <summary>Takes a file away, as if the kernel were too old for it.</summary>
    public void Lack(string hierarchy, string path, string file) => Assert.True(Find(hierarchy, path)!.Files.Remove(file));

    /// <summary>A directory that somebody else removes.</summary>
    public void Remove(string hierarchy, string path)
    {
        Assert.Empty(Below(hierarchy, path));
        Assert.True(_directories.Remove(Key(hierarchy, path)));
    }

    private int Perform(CgroupOperation operation)
    {
        switch (operation)
        {
            case CgroupCreate create:
                if (create.Hierarchies.Any(h => Find(h, create.Path) is not null))
                    return Errno.EEXIST;
                foreach (var hierarchy in create.Hierarchies)
                    Make(hierarchy, create.Path);
                return 0;
            case CgroupRemove remove:
                if (remove.Hierarchies.Any(h => Below(h, remove.Path).Any()))
                    return Errno.EBUSY;
                foreach (var hierarchy in remove.Hierarchies)
                    _directories.Remove(Key(hierarchy, remove.Path));
                return 0;
            case CgroupMark mark:
                foreach (var (name, value) in mark.Marks)
                    Find(Layout.Primary.Name, mark.Path)!.Mark(name, value);
                return 0;
            case CgroupWrite write:
                return Find(write.Hierarchy, write.Path)!.Write(write.File, write.Value, Below(write.Hierarchy, write.Path));
            case CgroupWrites writes:
                return writes.Values.Select(v => Find(writes.Hierarchy, writes.Path)!.Write(v.File, v.Value, Below(writes.Hierarchy, writes.Path)))
                    .FirstOrDefault(static e => e != 0);
            case CgroupEnable enable:
                return Find("unified", enable.Path)!.Enable(enable.Controllers, Below("unified", enable.Path));
            case CgroupDisable disable:
                Find("unified", disable.Path)!.Disable(disable.Controllers, Below("unified", disable.Path));
                return 0;
            case CgroupDevices devices:
                Find("unified", devices.Path)!.Devices = devices.Allow;
                return 0;
            default:
                throw new InvalidOperationException(operation.ToString());
        }
    }

    private static KernelError Error(Operation operation, int errno) => new(operation.Text, operation.Object, null, errno);

    private FakeDirectory? Find(string hierarchy, string path) => _directories.GetValueOrDefault(Key(hierarchy, path));

    private List<FakeDirectory> Below(string hierarchy, string path) =>
        [.. _directories.Where(d => d.Value.Hierarchy.Name == hierarchy && d.Value.Path.Length > 0 && Parent(d.Value.Path) == path).Select(static d => d.Value)];

    private static string Parent(string path) => path.LastIndexOf('/') is var cut && cut < 0 ? "" : path[..cut];

    private static string Key(string hierarchy, string path) => $"{hierarchy}:{path}";
}
