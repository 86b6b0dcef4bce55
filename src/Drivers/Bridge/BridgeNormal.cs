using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// What a converged kernel shows for a spec, and what this host cannot do. The reasons stand beside each rule.
/// </summary>
internal sealed class BridgeNormal(
    Resource resource, Observed? live, BridgeTables tables, ILinkReader reader, DiagnosticBag bag)
{
    private const int EthernetMtu = 1500;
    private const int SmallestIPv6Mtu = 1280;
    private const long SmallestStpDelay = 2_000_000;

    private bool Owned => resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;

    private LiveBridge? Live => live?.State as LiveBridge;

    public required NetfilterTables Netfilter { get; init; }

    public ObjectValue Normalize(ObjectValue spec)
    {
        var name = BridgeNames.LinkOf(resource);
        if (CheckIdentity(name))
            return spec;
        CheckFeatures(spec);
        CheckForwardDelay(spec);
        NoteNetfilter(name);
        NoteDuplicates(name);
        var normal = Timers(spec.With(BridgeFields.LinkName, name));
        normal = Ports(normal);
        return Mtu(normal);
    }

    // A name must be free or ours, and an adopted link a bridge.
    private bool CheckIdentity(string name)
    {
        if (Live is { Link.IsBridge: false } other)
        {
            bag.Error(BridgeCodes.NotABridge, $"{resource.Id}: the link {name} is a {other.Link.Kind ?? "physical link"}, not a bridge",
                resource.Source.At("metadata.name"));
            return true;
        }

        if (live?.Object == name || tables.Links.Find(name) is not { } taken)
            return false;
        var owner = AliasMark.TryParse(taken.Alias) is { } mark ? $" and belongs to {mark.Id} of stack {mark.Scope.Stack}" : "";
        bag.Error(BridgeCodes.NameInUse, $"{resource.Id}: the link {name} exists already{owner}",
            resource.Source.At(resource.Spec.Text(BridgeFields.LinkName) is null ? "metadata.name" : "linkName"));
        return true;
    }

    // Compiled out, these are refused (VLANs) or ignored (snooping) by the kernel.
    private void CheckFeatures(ObjectValue spec)
    {
        foreach (var path in VlanPaths(spec).ToList() is { Count: > 0 } asked && reader.HasVlanFiltering(tables.Links) == false ? asked : [])
            bag.Error(BridgeCodes.NotInKernel, $"{resource.Id}: {path} needs VLAN filtering, which this kernel's bridge has not (CONFIG_BRIDGE_VLAN_FILTERING)",
                resource.Source.At(path));
        var shown = (Live?.Link ?? tables.Links.Links.FirstOrDefault(static l => l.Bridge is not null))?.Bridge;
        foreach (var (field, absent) in shown is null ? [] : Multicast(shown))
            if (absent && resource.Spec.Get(field) is { } value && (field == BridgeFields.MulticastSnooping || !value.Equals(field.Default)))
                bag.Error(BridgeCodes.NotInKernel, $"{resource.Id}: {field.Path} needs multicast snooping, which this kernel's bridge has not (CONFIG_BRIDGE_IGMP_SNOOPING)",
                    resource.Source.At(field.Path));
    }

    private static IEnumerable<string> VlanPaths(ObjectValue spec)
    {
        if (spec.Flag(BridgeFields.VlanFiltering) == true)
            yield return BridgeFields.VlanFiltering.Path;
        if (spec.Number(BridgeFields.VlanDefaultPvid) is { } pvid && pvid != BridgeVlan.Default)
            yield return BridgeFields.VlanDefaultPvid.Path;
        foreach (var port in spec.Objects(BridgeFields.Ports).Where(static p => !p.List(BridgeFields.Vlans).IsEmpty))
            yield return $"ports[{port.Text(BridgeFields.PortLink)}].vlans";
    }

    private static IEnumerable<(Field Field, bool Absent)> Multicast(Kernel.Netlink.BridgeState shown) =>
    [
        (BridgeFields.MulticastSnooping, shown.MulticastSnooping is null),
        (BridgeFields.MulticastQuerier, shown.MulticastQuerier is null),
        (BridgeFields.MulticastQueryInterval, shown.MulticastQueryInterval is null),
        (BridgeFields.MulticastIgmpVersion, shown.MulticastIgmpVersion is null),
        (BridgeFields.MulticastMldVersion, shown.MulticastMldVersion is null),
    ];

    // br_netfilter: a rule that drops what is routed also drops what one port sends to another.
    private void NoteNetfilter(string name)
    {
        var tables = Netfilter.Names is [_, ..] set ? string.Join(", ", set) : Live?.Link.Bridge is { CallsNetfilter: true } ? "iptables" : null;
        if (tables is not null)
            bag.Warn(BridgeCodes.PassesNetfilter,
                $"{resource.Id}: what {name} forwards between its ports passes the rules of {tables} (br_netfilter)",
                resource.Source.At("metadata.name"),
                Netfilter.Names.IsEmpty ? $"nf_call_iptables of {name} is set" : $"sysctl net.bridge.bridge-nf-call-{Netfilter.Names[0]} is 1 in this network namespace");
    }

    // The kernel keeps such an address and does not use it; adding it says nothing, the search comes later.
    private void NoteDuplicates(string name)
    {
        foreach (var address in Live?.InUse ?? [])
            bag.Warn(BridgeCodes.AddressInUse,
                $"{resource.Id}: another on the network of {name} has {address}, so the kernel does not use it (duplicate address detection)",
                resource.Source.At($"addresses[{address}]"), "give one of the two another address, and apply again");
    }

    // Whether STP runs on an adopted bridge that does not state it, only the bridge tells.
    private void CheckForwardDelay(ObjectValue spec)
    {
        if (resource.Spec.Flag(BridgeFields.StpEnabled) is null && !Owned
            && live?.Live.Flag(BridgeFields.StpEnabled) == true
            && spec.Number(BridgeFields.ForwardDelay) is < SmallestStpDelay and var delay && live.Live.Number(BridgeFields.ForwardDelay) != delay)
            bag.Error(BridgeCodes.ForwardDelay, $"{resource.Id}: STP runs on {live.Object}, and while it does the kernel takes a forwardDelay from 2s to 30s",
                resource.Source.At("stp.forwardDelay"), "state stp.enabled: false, or a longer delay");
    }

    // Timers round down to a jiffy; what the kernel already shows is kept, because writing it again could round further.
    private ObjectValue Timers(ObjectValue spec)
    {
        var ticks = new ClockTicks(reader.TickNanoseconds);
        foreach (var field in (Field[])
            [BridgeFields.ForwardDelay, BridgeFields.HelloTime, BridgeFields.MaxAge, BridgeFields.AgeingTime, BridgeFields.MulticastQueryInterval])
            if (spec.Number(field) is { } asked && live?.Live.Number(field) != asked)
                spec = spec.With(field, ticks.Round(asked));
        return spec;
    }

    // VLANs of a port are shown joined. Without VLANs in the kernel an empty list is as good as none.
    private ObjectValue Ports(ObjectValue spec)
    {
        if (spec.Get(BridgeFields.Ports) is not ListValue ports)
            return spec;
        var normal = ports.Items.OfType<ObjectValue>().Select(p => p.Get(BridgeFields.Vlans) is ListValue vlans
            ? p.With(BridgeFields.Vlans, BridgeVlanValues.Write(BridgeVlanValues.Read(vlans.Items)))
            : p);
        return spec.With(BridgeFields.Ports, new ListValue([.. normal]));
    }

    // Unset, a bridge's MTU is the smallest of its ports'; set by hand it no longer follows, so an owned one is put back.
    private ObjectValue Mtu(ObjectValue spec)
    {
        var stated = spec.Number(BridgeFields.Mtu);
        var normal = stated ?? (Owned ? Following(spec) : live?.Live.Number(BridgeFields.Mtu));
        var hasIPv6 = spec.List(BridgeFields.Addresses).Any(static a => InterfaceAddress.Parse(a.ToString()!).IsIPv6);
        if (normal < SmallestIPv6Mtu && hasIPv6)
            bag.Error(BridgeCodes.MtuTooSmallForIPv6,
                $"{resource.Id}: with an mtu of {normal}{(stated is null ? ", which follows from its ports," : "")} the kernel takes every IPv6 address away",
                resource.Source.At(stated is null ? "addresses" : "mtu"), "IPv6 needs an mtu of at least 1280");
        return normal is { } mtu && (Owned || stated is not null) ? spec.With(BridgeFields.Mtu, mtu) : spec;
    }

    private int Following(ObjectValue spec)
    {
        var declared = BridgeNames.PortsOf(spec).Select(tables.Links.Find).OfType<Link>();
        var others = Live is { } bridge ? tables.Links.PortsOf(bridge.Link.Index).Where(p => !bridge.Ports.Any(q => q.Index == p.Index)) : [];
        return declared.Concat(others).Select(static p => p.Mtu).DefaultIfEmpty(EthernetMtu).Min();
    }
}
