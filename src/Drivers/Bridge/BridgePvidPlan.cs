using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// When the default VLAN of a bridge that is there changes. The kernel enters the bridge's own MAC address for the new
/// one, and a bridge whose ports have all left has none (net/bridge/br_vlan.c: __vlan_add, EINVAL): so before ports
/// leave, or after one has joined.
/// </summary>
internal sealed class BridgePvidPlan
{
    /// <summary>What a bridge shows whose ports have all left.</summary>
    public const string NoMac = "00:00:00:00:00:00";

    /// <param name="change">Of the default VLAN; null when it stays.</param>
    /// <param name="macComes">The bridge gets a MAC address of its own before ports join.</param>
    public BridgePvidPlan(
        string name, LiveBridge? live, FieldChange? change, ChangeRequest request, BridgeTables tables, DiagnosticBag bag, bool macComes)
    {
        var wanted = (int?)request.Desired!.Number(BridgeFields.VlanDefaultPvid);
        WhilePortsMove = (live is null ? wanted : live.Link.Bridge?.VlanDefaultPvid) ?? BridgeVlan.Default;
        if (live is null || change is not { To: NumberValue to, From: NumberValue from })
            return;
        var declared = request.Desired.Objects(BridgeFields.Ports).Where(static p => p.Get(BridgeFields.Vlans) is not null)
            .ToDictionary(static p => p.Text(BridgeFields.PortLink)!, static p => BridgeVlanValues.Read(p.List(BridgeFields.Vlans)), StringComparer.Ordinal);
        if (live.Link.Mac is not (null or NoMac) || to.Number == 0)
        {
            // Ports whose VLANs are declared keep what they have until their own changes come; taken back, all ports do.
            var ports = tables.Links.PortsOf(live.Link.Index).Select(p => new PortVlans(p.Name, [.. tables.Vlans.Of(p.Index)])).ToList();
            BeforePorts = [Set([.. ports.Where(p => declared.ContainsKey(p.Port))], [.. ports])];
            WhilePortsMove = (int)to.Number;
        }
        else if (Joining(request) is var joining && (macComes || joining.Count > 0))
        {
            AfterPorts = [Set([.. joining.Where(declared.ContainsKey).Select(p => new PortVlans(p, [.. declared[p]]))], [])];
        }
        else
        {
            bag.Error(BridgeCodes.NoMacAddress,
                $"{request.Id}: {name} has no ports and so no MAC address, and the kernel gives no default VLAN to a bridge without one",
                request.Resource!.Source.At(BridgeFields.VlanDefaultPvid.Path), "give it a port, or state macAddress");
        }

        Operation Set(IEnumerable<PortVlans> keep, IEnumerable<PortVlans> restore) => new BridgeSetDefaultPvid(name, (ushort)to.Number, [.. keep])
        {
            Field = BridgeFields.VlanDefaultPvid.Path,
            Undo = new BridgeSetDefaultPvid(name, (ushort)from.Number, [.. restore]),
        };
    }

    public IReadOnlyList<Operation> BeforePorts { get; } = [];

    public IReadOnlyList<Operation> AfterPorts { get; } = [];

    /// <summary>The VLAN that the kernel gives a port which joins, or comes back, at the time that ports do.</summary>
    public int WhilePortsMove { get; }

    private static List<string> Joining(ChangeRequest request) =>
    [
        .. request.Fields.Where(static c => c.Path.Root == BridgeFields.Ports && c.Path.IsItem && c.Path.Keys.Length == 1 && c.To is not null)
            .Select(static c => c.Path.Keys[0]),
    ];
}
