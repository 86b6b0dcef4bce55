using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>The links that leave and become ports, and the options of ports; VLANs come after the port is one.</summary>
internal sealed class BridgePortPlan
{
    private const int EthernetMtu = 1500;

    private static readonly ImmutableArray<(Field Field, PortAttribute Attribute)> Options =
    [
        (BridgeFields.Hairpin, PortAttribute.Hairpin),
        (BridgeFields.Isolated, PortAttribute.Isolated),
        (BridgeFields.Cost, PortAttribute.Cost),
        (BridgeFields.PortPriority, PortAttribute.Priority),
    ];

    private readonly string _bridge;
    private readonly BridgeTables _tables;
    private readonly ChangeRequest _request;
    private readonly DiagnosticBag _bag;
    private readonly Func<bool> _hasVlanFiltering;
    private readonly int _defaultPvid;
    private readonly List<Operation> _leaving = [];
    private readonly List<Operation> _joining = [];
    private readonly List<Link> _joined = [];
    private readonly HashSet<string> _left = [];
    private readonly HashSet<(string Port, string Ids)> _vlans = [];

    public BridgePortPlan(
        string bridge, LiveBridge? live, IEnumerable<FieldChange> changes, BridgeTables tables, ChangeRequest request, DiagnosticBag bag,
        Func<bool> hasVlanFiltering, int defaultPvid)
    {
        (_bridge, _tables, _request, _bag, _hasVlanFiltering, _defaultPvid) = (bridge, tables, request, bag, hasVlanFiltering, defaultPvid);
        foreach (var change in changes)
            Plan(change, change.Path.Keys[0]);
        var staying = live is null ? [] : tables.Links.PortsOf(live.Link.Index).Where(p => !_left.Contains(p.Name));
        FollowingMtu = staying.Concat(_joined).Select(static p => p.Mtu).DefaultIfEmpty(EthernetMtu).Min();
    }

    public IReadOnlyList<Operation> Leaving => _leaving;

    public IReadOnlyList<Operation> Joining => _joining;

    /// <summary>Whether links leave or become ports.</summary>
    public bool Moves => _joined.Count + _left.Count > 0;

    /// <summary>The MTU that a bridge which follows its ports will have afterwards.</summary>
    public int FollowingMtu { get; }

    public int SmallestJoining => _joined.Select(static p => p.Mtu).DefaultIfEmpty(int.MaxValue).Min();

    private void Plan(FieldChange change, string port)
    {
        if (change.Path.Keys.Length > 1)
            Vlan(port, change.Path.Keys[1], $"{BridgeFields.Ports.Path}[{port}].{BridgeFields.Vlans.Name}[{change.Path.Keys[1]}]");
        else if (!change.Path.IsItem)
            Option(port, change);
        else if (change.To is ObjectValue wanted)
            Join(port, wanted, change.Path.ToString());
        else
            Leave(port, change.Path.ToString());
    }

    private void Join(string port, ObjectValue wanted, string path)
    {
        if (_tables.Links.Find(port) is not { } link)
        {
            Problem(BridgeCodes.NoSuchPort, $"there is no link {port}", port);
            return;
        }

        if (BridgePortKinds.Objection(link, _tables.Links) is { } objection)
        {
            Problem(BridgeCodes.CannotBePort, objection, port);
            return;
        }

        var master = link.Master == 0 ? null : _tables.Links.Find(link.Master);
        if (link.Master != 0 && !MayTake(master))
        {
            Problem(BridgeCodes.PortInUse, $"{port} is already a port of {master?.Name ?? $"link {link.Master}"}, which Provision does not own", port);
            return;
        }

        _joined.Add(link);
        var undo = master is null ? new LinkSetMaster(port, null) : Back(link, master.Name, master.Bridge?.VlanDefaultPvid ?? BridgeVlan.Default);
        _joining.Add(new LinkSetMaster(port, _bridge) { Field = path, Undo = undo });
        // A port starts with the kernel's defaults, wherever it comes from; leaving the bridge takes the options back.
        foreach (var (field, attribute) in Options)
            if (wanted.Get(field) is { } value && !Equals(value, field.Default))
                _joining.Add(new PortSet(port, attribute, ToKernel(value)) { Field = $"{path}.{field.Name}" });
        if (wanted.Get(BridgeFields.Vlans) is ListValue vlans)
            NewVlans(port, BridgeVlanValues.Read(vlans.Items), path);
    }

    // With VLAN filtering in the kernel a new port carries the bridge's default VLAN untagged.
    private void NewVlans(string port, IReadOnlyList<BridgeVlan> vlans, string path)
    {
        if (_defaultPvid != 0 && !vlans.Any(v => v.Has(_defaultPvid)) && (vlans.Count > 0 || _hasVlanFiltering()))
            _joining.Add(new BridgeVlanDelete(port, new BridgeVlan(_defaultPvid, _defaultPvid, false, false)) { Field = $"{path}.vlans" });
        _joining.AddRange(vlans.Select(v => new BridgeVlanAdd(port, v) { Field = $"{path}.vlans[{v.Ids}]" }));
    }

    private void Leave(string port, string path)
    {
        var link = _tables.Links.Find(port)!;
        _left.Add(port);
        _leaving.Add(new LinkSetMaster(port, null) { Field = path, Undo = Back(link, _bridge, _defaultPvid) });
    }

    // Leaving a bridge loses the options and VLANs of a port. VLANs are known only where something has to do with them.
    private LinkSetMaster Back(Link port, string master, int defaultPvid) => new(port.Name, master, port.Port is { } state ? OptionsOf(state) : null)
    {
        DefaultPvid = defaultPvid,
        Vlans = ReferenceEquals(_tables.Vlans, BridgeTables.Nothing.Vlans) || !_hasVlanFiltering() ? null : [.. _tables.Vlans.Of(port.Index)],
    };

    private void Option(string port, FieldChange change)
    {
        var attribute = Options.Single(o => o.Field == change.Path.Field).Attribute;
        var undo = change.From is { } from ? new PortSet(port, attribute, ToKernel(from)) : null;
        _joining.Add(new PortSet(port, attribute, ToKernel(change.To!)) { Field = change.Path.ToString(), Undo = undo });
    }

    private void Vlan(string port, string ids, string path)
    {
        // A flag of it may differ, or all of it be new or gone: either way the kernel takes the VLAN whole.
        if (!_vlans.Add((port, ids)))
            return;
        var (before, after) = (VlanOf(_request.Live!.Live, port, ids), VlanOf(_request.Desired!, port, ids));
        if (after is not null)
            _joining.Add(new BridgeVlanAdd(port, after)
            {
                Field = path,
                Undo = before is null ? new BridgeVlanDelete(port, after) : new BridgeVlanAdd(port, before),
            });
        else if (before is not null)
            _joining.Insert(0, new BridgeVlanDelete(port, before) { Field = path, Undo = new BridgeVlanAdd(port, before) });
    }

    private static BridgeVlan? VlanOf(ObjectValue spec, string port, string ids) => spec.Objects(BridgeFields.Ports)
        .Where(p => p.Text(BridgeFields.PortLink) == port)
        .SelectMany(static p => BridgeVlanValues.Read(p.List(BridgeFields.Vlans)))
        .FirstOrDefault(v => v.Ids == ids);

    // Another bridge of this instance gives its port up without being asked; a foreign one does not.
    private bool MayTake(Link? master) =>
        _request.Force || (master is not null && (BridgeMarks.Read(master, _request.Scope) is not null || IsToBeMended(master)));

    private bool IsToBeMended(Link bridge) => BridgeMarks.HasLostItsAlias(bridge, _request.Scope)
        && _request.Set.OfKind(BridgeSchema.Kind).Any(r => BridgeNames.LinkOf(r) == bridge.Name);

    private void Problem(string code, string message, string port) =>
        _bag.Error(code, $"{_request.Id}: {message}", _request.Resource!.Source.At($"ports[{port}].link"));

    private static ImmutableSortedDictionary<PortAttribute, uint> OptionsOf(PortState port)
    {
        var options = ImmutableSortedDictionary.CreateBuilder<PortAttribute, uint>();
        void Keep(PortAttribute attribute, uint? value)
        {
            if (value is { } known)
                options.Add(attribute, known);
        }

        Keep(PortAttribute.Hairpin, port.Hairpin);
        Keep(PortAttribute.Isolated, port.Isolated);
        Keep(PortAttribute.Cost, port.Cost);
        Keep(PortAttribute.Priority, port.Priority);
        return options.ToImmutable();
    }

    private static uint ToKernel(Value value) => value switch
    {
        FlagValue flag => flag.Flag ? 1u : 0u,
        NumberValue number => (uint)number.Number,
        _ => throw new ArgumentException($"{value} is no port option", nameof(value)),
    };
}
