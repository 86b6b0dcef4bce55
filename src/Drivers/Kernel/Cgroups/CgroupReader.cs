using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Kernel;

/// <summary>Reads cgroups from cgroupfs. Keeps one descriptor a hierarchy; safe for use from several threads.</summary>
public sealed class CgroupReader : ICgroupReader, IDisposable
{
    private static readonly string[] AttributeNames = [.. CgroupMarks.All.Select(static n => CgroupMarks.Prefix + n)];
    private readonly Dictionary<string, DirectoryReader> _roots;
    private readonly Lazy<ImmutableArray<long>> _hugePages = new(FindHugePages);

    public CgroupReader(CgroupLayout layout)
    {
        Layout = layout;
        _roots = layout.Hierarchies.ToDictionary(static h => h.Name, static h => new DirectoryReader(h.MountPoint, Rules(h)));
    }

    public CgroupLayout Layout { get; }

    public long PageSize => Environment.SystemPageSize;

    public ImmutableArray<long> HugePageSizes => _hugePages.Value;

    public string? OnlineCpus => Online("cpu");

    public string? OnlineNodes => Online("node");

    public bool Exists(CgroupHierarchy hierarchy, string path) => _roots[hierarchy.Name].Exists(path);

    public IReadOnlyList<string> Children(CgroupHierarchy hierarchy, string path) =>
        _roots[hierarchy.Name].Visit(path, [])?.Children ?? [];

    public CgroupNode? Visit(string path)
    {
        if (_roots[Layout.Primary.Name].Visit(path, AttributeNames) is not { } visit)
            return null;
        var marks = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < AttributeNames.Length; i++)
            if (visit.Attributes[i] is { } value)
                marks.Add(CgroupMarks.All[i], value);
        return new CgroupNode([.. visit.Children], marks.ToImmutable());
    }

    public string? Read(CgroupHierarchy hierarchy, string path, string file) =>
        _roots[hierarchy.Name].Read(path.Length == 0 ? file : $"{path}/{file}");

    public ImmutableArray<DeviceProgramInfo> DevicePrograms(CgroupHierarchy hierarchy, string path)
    {
        var (directory, errno) = _roots[hierarchy.Name].Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (directory is null)
            return errno == Errno.ENOENT ? [] : throw Sys.Failure("open", _roots[hierarchy.Name].Full(path), errno);
        using (directory)
            return BpfDevices.Query(directory, _roots[hierarchy.Name].Full(path));
    }

    public DeviceNode? Device(string path) => DeviceNode.Find(path);

    public void Dispose()
    {
        foreach (var root in _roots.Values)
            root.Dispose();
    }

    private static string? Online(string things)
    {
        using var devices = new DirectoryReader("/sys/devices/system", Resolve.Beneath);
        return devices.Read($"{things}/online")?.TrimEnd('\n');
    }

    // One directory a size: hugepages-2048kB.
    private static ImmutableArray<long> FindHugePages()
    {
        const string prefix = "hugepages-", unit = "kB";
        using var mm = new DirectoryReader("/sys/kernel/mm", Resolve.Beneath);
        return
        [
            .. (mm.Visit("hugepages", [])?.Children ?? [])
                .Where(static n => n.StartsWith(prefix, StringComparison.Ordinal) && n.EndsWith(unit, StringComparison.Ordinal))
                .Select(static n => long.Parse(n[prefix.Length..^unit.Length], CultureInfo.InvariantCulture) * 1024)
                .Order(),
        ];
    }

    // v2 files are never behind a symbolic link or a mount; v1 roots may be linked together.
    internal static Resolve Rules(CgroupHierarchy hierarchy) =>
        hierarchy.Unified ? Resolve.Beneath | Resolve.NoSymlinks | Resolve.NoMounts : Resolve.Beneath;
}
