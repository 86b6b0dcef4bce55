using System.Collections.Immutable;

namespace Provision.Kernel.Netlink;

/// <summary>The names of firewall tables that see bridged frames.</summary>
public sealed record NetfilterTables(ImmutableArray<string> Names);

/// <summary>
/// The links, addresses and bridge VLANs of one network namespace, read afresh at every call. Has no member that
/// changes anything. Safe for several threads.
/// </summary>
/// <remarks>Every member throws <see cref="Reconciler.KernelException"/> when the kernel refuses.</remarks>
public interface ILinkReader
{
    /// <summary>All links, in one dump.</summary>
    LinkTable ReadLinks();

    /// <summary>Only links with these names, one RTM_GETLINK each; what does not exist is not in the table.</summary>
    LinkTable ReadLinks(IEnumerable<string> names);

    /// <summary>The ports of the bridge with this index, in one filtered dump.</summary>
    LinkTable ReadPorts(int master);

    /// <summary>All IPv4 and IPv6 addresses, in one dump.</summary>
    AddressTable ReadAddresses();

    /// <summary>The addresses of one link; none when it does not exist.</summary>
    AddressTable ReadAddresses(int link);

    /// <summary>The VLANs of all bridges and ports; none on kernels without VLAN filtering.</summary>
    BridgeVlanTable ReadBridgeVlans();

    /// <summary>Whether bridges of this kernel can filter VLANs; null when that does not show before a bridge exists.</summary>
    /// <param name="links">A table with bridges in it answers at once.</param>
    bool? HasVlanFiltering(LinkTable links);

    /// <summary>
    /// The firewalls that see what bridges forward, as the sysctls of br_netfilter say: <c>iptables</c>, <c>ip6tables</c>,
    /// <c>arptables</c>; none while it is not loaded.
    /// </summary>
    NetfilterTables ReadBridgeNetfilter();

    /// <summary>The kernel's TICK_NSEC (nanoseconds, 4,000,000 at HZ=250): what bridge timers round to.</summary>
    long TickNanoseconds { get; }
}
