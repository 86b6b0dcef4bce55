using System.Collections.Immutable;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>A container as the kernel shows it.</summary>
/// <param name="Name">From its directory: <c>web-1</c>.</param>
/// <param name="Cgroup">Its leaf, relative to the hierarchies' mount points.</param>
/// <param name="Marks">Of the leaf, by <see cref="CgroupMarks"/> name.</param>
public sealed record LiveContainer(string Name, string Cgroup, ImmutableSortedDictionary<string, string> Marks)
{
    /// <summary>What the supervisor wrote last; null when it never did.</summary>
    public ContainerRun? Run { get; init; }

    /// <summary>The first process, when it is alive, has the start time noted and sits in the leaf; else null.</summary>
    public ProcessFacts? Process { get; init; }

    /// <summary>True when some process is in the leaf, the first one or not.</summary>
    public bool Populated { get; init; }

    public bool IsRunning => Process is not null;

    /// <summary>
    /// The links in its network namespace by name, lo only when it has what is not its own: addresses, and routes that lead
    /// through no other link, whose gateway then is empty. Empty when it does not run or shares the host's.
    /// </summary>
    public ImmutableSortedDictionary<string, LiveInterface> Interfaces { get; init; } = ImmutableSortedDictionary<string, LiveInterface>.Empty;

    /// <summary>Why its links could not be read; null when they were. Its root can make more of them than anybody reads.</summary>
    public string? InterfacesUnreadable { get; init; }

    /// <summary>
    /// The order that its supervisor keeps (restart policy, stop, logging): what the kernel cannot tell. Null when it
    /// is not there.
    /// </summary>
    public ContainerOrder? Order { get; init; }
}

/// <summary>What /proc tells of a container's first process.</summary>
/// <param name="Pid">In the host's pid namespace.</param>
/// <param name="StartTime">Clock ticks since boot.</param>
public sealed record ProcessFacts(int Pid, ulong StartTime)
{
    /// <summary>Soft and hard; <see cref="RlimitSpec.Infinity"/> is unlimited.</summary>
    public required ImmutableSortedDictionary<RlimitResource, (ulong Soft, ulong Hard)> Rlimits { get; init; }

    public required int OomScoreAdj { get; init; }

    /// <summary>Inode numbers by name in /proc/PID/ns: <c>net</c>, <c>pid</c>, <c>mnt</c>, …</summary>
    public required ImmutableSortedDictionary<string, ulong> Namespaces { get; init; }

    public required ulong CapBounding { get; init; }

    public required ulong CapPermitted { get; init; }

    public required ulong CapEffective { get; init; }

    public required ulong CapInheritable { get; init; }

    public required ulong CapAmbient { get; init; }

    public required bool NoNewPrivileges { get; init; }

    /// <summary>0 none, 1 strict, 2 filter.</summary>
    public required int SeccompMode { get; init; }

    public required int SeccompFilters { get; init; }

    /// <summary>As SELinux has it: <c>system_u:system_r:TYPE:LEVEL</c>; null where nothing labels processes.</summary>
    public string? SelinuxLabel { get; init; }

    /// <summary>The AppArmor profile without its mode; null where there is none.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>Of its UTS namespace.</summary>
    public required string Hostname { get; init; }
}

/// <summary>A link in a container's network namespace.</summary>
/// <param name="Mac">Lower case with colons.</param>
/// <param name="Bridge">Where its host end is a port; null when it is none, or is no veth.</param>
/// <param name="Addresses">In CIDR notation, without the kernel's own.</param>
/// <param name="Routes">Through this link, without the kernel's own.</param>
public sealed record LiveInterface(
    string Name, string? Mac, bool Up, string? Bridge, ImmutableArray<string> Addresses, ImmutableArray<RouteSpec> Routes)
{
    /// <summary>The name of the host's end; null when it cannot be told.</summary>
    public string? HostEnd { get; init; }

    /// <summary>Bytes, of the end inside; null for lo.</summary>
    public int? Mtu { get; init; }

    /// <summary>Bytes, of the host's end; null when it cannot be told.</summary>
    public int? HostMtu { get; init; }

    /// <summary>The index of what the host's end is a port of; null when it is none.</summary>
    public int? BridgeIndex { get; init; }
}

/// <summary>Every container of an instance, by name.</summary>
public sealed class ContainerTable(IEnumerable<LiveContainer> containers)
{
    private readonly ImmutableSortedDictionary<string, LiveContainer> _byName =
        containers.GroupBy(static c => c.Name, StringComparer.Ordinal).ToImmutableSortedDictionary(static g => g.Key, static g => g.First(), StringComparer.Ordinal);

    public IEnumerable<LiveContainer> Containers => _byName.Values;

    public LiveContainer? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The inode numbers of the reader's own namespaces: what <c>host</c> looks like.</summary>
    public ImmutableSortedDictionary<string, ulong> HostNamespaces { get; init; } = ImmutableSortedDictionary<string, ulong>.Empty;
}
