using System.Collections.Immutable;
using Provision.Kernel;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// Remembers what it has read, for one run: bringing a thousand specs into normal form asks for the same few files
/// of the hierarchies' roots again and again.
/// </summary>
internal sealed class CachingReader(ICgroupReader reader) : ICgroupReader
{
    private readonly Dictionary<(string Hierarchy, string Path, string File), string?> _files = [];
    private readonly Dictionary<(string Hierarchy, string Path), bool> _there = [];
    private readonly Dictionary<(string Hierarchy, string Path), IReadOnlyList<string>> _children = [];
    private readonly Dictionary<string, DeviceNode?> _devices = [];

    private readonly Lazy<string?> _cpus = new(() => reader.OnlineCpus);
    private readonly Lazy<string?> _nodes = new(() => reader.OnlineNodes);

    public CgroupLayout Layout => reader.Layout;

    public long PageSize => reader.PageSize;

    public ImmutableArray<long> HugePageSizes => reader.HugePageSizes;

    public string? OnlineCpus => _cpus.Value;

    public string? OnlineNodes => _nodes.Value;

    public bool Exists(CgroupHierarchy hierarchy, string path) =>
        Once(_there, (hierarchy.Name, path), () => reader.Exists(hierarchy, path));

    public IReadOnlyList<string> Children(CgroupHierarchy hierarchy, string path) =>
        Once(_children, (hierarchy.Name, path), () => reader.Children(hierarchy, path));

    public CgroupNode? Visit(string path) => reader.Visit(path);

    public string? Read(CgroupHierarchy hierarchy, string path, string file) =>
        Once(_files, (hierarchy.Name, path, file), () => reader.Read(hierarchy, path, file));

    public ImmutableArray<DeviceProgramInfo> DevicePrograms(CgroupHierarchy hierarchy, string path) => reader.DevicePrograms(hierarchy, path);

    public DeviceNode? Device(string path) => Once(_devices, path, () => reader.Device(path));

    private static T Once<TKey, T>(Dictionary<TKey, T> known, TKey key, Func<T> read) where TKey : notnull
    {
        if (!known.TryGetValue(key, out var value))
            known.Add(key, value = read());
        return value;
    }
}
