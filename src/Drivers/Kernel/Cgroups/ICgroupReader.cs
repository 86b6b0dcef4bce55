using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>What a visit to a cgroup directory of the primary hierarchy tells.</summary>
/// <param name="Children">Names of child cgroups, sorted.</param>
/// <param name="Marks">Our marks by <see cref="CgroupMarks"/> name; only those that are there.</param>
public sealed record CgroupNode(ImmutableArray<string> Children, ImmutableSortedDictionary<string, string> Marks);

/// <summary>
/// The only way in which drivers see cgroups; it has no member that changes anything. Paths are relative to a
/// hierarchy's mount point, without a leading slash; "" is the hierarchy's root. Throws
/// <see cref="Reconciler.KernelException"/> for anything but "not there", which is null, false or empty.
/// </summary>
public interface ICgroupReader
{
    CgroupLayout Layout { get; }

    /// <summary>Bytes a page: the kernel rounds memory limits down to it.</summary>
    long PageSize { get; }

    /// <summary>Sizes of huge pages that the kernel offers, in bytes, ascending.</summary>
    ImmutableArray<long> HugePageSizes { get; }

    /// <summary>CPUs that are online, as a list (<c>0-3</c>); null when the host does not tell.</summary>
    string? OnlineCpus { get; }

    /// <summary>Memory nodes that are online, as a list; null when the host does not tell.</summary>
    string? OnlineNodes { get; }

    bool Exists(CgroupHierarchy hierarchy, string path);

    /// <summary>Names of child cgroups, sorted.</summary>
    IReadOnlyList<string> Children(CgroupHierarchy hierarchy, string path);

    /// <summary>A directory of the primary hierarchy with its children and marks; null when it is not there.</summary>
    CgroupNode? Visit(string path);

    /// <summary>A control file's text as it is; null when the cgroup or the file is not there.</summary>
    string? Read(CgroupHierarchy hierarchy, string path, string file);

    /// <summary>The device programs attached directly to a v2 cgroup (not inherited ones).</summary>
    ImmutableArray<DeviceProgramInfo> DevicePrograms(CgroupHierarchy hierarchy, string path);

    /// <summary>The device node at an absolute path, or the block device of these numbers (<c>254:0</c>); null when there is none.</summary>
    DeviceNode? Device(string path);
}
