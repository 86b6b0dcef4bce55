using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// The differences of one bridge to operations, in an order in which none takes away what another set: deletions
/// before additions, what a change of state loses comes after it, forwarding starts last.
/// </summary>
internal sealed class BridgePlanner(ChangeRequest request, BridgeTables tables, ILinkReader reader, DiagnosticBag bag)
{
    private readonly List<Operation> _operations = [];
    private readonly ClockTicks _ticks = new(reader.TickNanoseconds);
    private readonly LiveBridge? _live = request.Live?.State as LiveBridge;
    private readonly ILookup<Field, FieldChange> _changes = request.Fields.ToLookup(static c => c.Path.Root);

    private string _name = request.Live?.Object ?? BridgeNames.LinkOf(request.Resource!);

    public IReadOnlyList<Operation> Plan()
    {
        if (Mark() is not { } mark)
            return [];
        var created = request.Action == ChangeAction.Create;
        if (_live is null)
            Create();
        else
            TakeOver(created);
        if (created)
            Alias(mark);

        var pvid = new BridgePvidPlan(_name, _live, Change(BridgeFields.VlanDefaultPvid), request, tables, bag, Change(BridgeFields.Mac)?.To is not null);
        var ports = new BridgePortPlan(
            _name, _live, _changes[BridgeFields.Ports], tables, request, bag, () => reader.HasVlanFiltering(tables.Links) == true, pvid.WhilePortsMove);
        var addresses = new BridgeAddressPlan(_name, _live, _changes[BridgeFields.Addresses], ports.SmallestJoining);
        _operations.AddRange(pvid.BeforePorts);
        _operations.AddRange(ports.Leaving);
        _operations.AddRange(addresses.Leaving);
        if (_live is not null)
            Settings(addresses);
        _operations.AddRange(ports.Joining);
        _operations.AddRange(pvid.AfterPorts);
        Mtu(ports);
        _operations.AddRange(addresses.Joining);
        if (_live is not null)
            Started();
        Up(true, addresses);
        if (!created && request.WriteMark)
            Alias(mark);
        return [.. _operations.Select(Pinned)];
    }

    private string? Mark()
    {
        if (!request.WriteMark && request.Action != ChangeAction.Create)
            return "";
        var policy = request.Resource!.Metadata.DeletionPolicy;
        var mark = AliasMark.Of(request.Scope, request.Id, policy, BridgeSchema.Schema, request.Effective!).ToString();
        if (mark.Length <= AliasMark.MaxLength)
            return mark;
        bag.Error(BridgeCodes.MarkTooLong,
            $"{request.Id}: instance, stack and name are {mark.Length - AliasMark.MaxLength} characters too long for the mark that a link can carry",
            request.Resource.Source.At("metadata.name"));
        return null;
    }

    // Everything that a new bridge can be given at once; up and MTU are not (see LinkCreate).
    private void Create()
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<BridgeAttribute, uint>();
        foreach (var setting in BridgeSetting.All)
            if (Change(setting.Field)?.To is { } value && !Equals(value, setting.Field.Default))
                settings.Add(setting.Attribute, setting.ToKernel(value, _ticks));
        var mac = (Change(BridgeFields.Mac)?.To as TextValue)?.Text;
        Add(null, new LinkCreate(_name, AliasMark.Group(request.Scope.Instance), mac, settings.ToImmutable()), new LinkDelete(_name));
    }

    private void TakeOver(bool unfinished)
    {
        var link = _live!.Link;
        if (Change(BridgeFields.LinkName)?.To is TextValue name && name.Text != _name)
        {
            Add(BridgeFields.LinkName, new LinkRename(_name, name.Text), new LinkRename(name.Text, _name));
            _name = name.Text;
        }

        var group = AliasMark.Group(request.Scope.Instance);
        if ((unfinished || request.Live!.Ownership == Ownership.Owned) && link.Group != group)
            Add(null, new LinkSetGroup(_name, group), new LinkSetGroup(_name, link.Group));
    }

    private void Alias(string mark) =>
        Add(null, new LinkSetAlias(_name, mark), _live is null ? null : new LinkSetAlias(_name, _live.Link.Alias ?? ""));

    // Filtering and STP stop before their settings change and start after: the kernel checks delays only while STP runs.
    private void Settings(BridgeAddressPlan addresses)
    {
        foreach (var setting in BridgeSetting.Switches)
            Setting(setting, onlyTo: false);
        Up(false, addresses);
        if (Change(BridgeFields.Mac) is { To: TextValue mac })
            Add(BridgeFields.Mac, new LinkSetMac(_name, mac.Text), _live!.Link.Mac is { } old and not BridgePvidPlan.NoMac ? new LinkSetMac(_name, old) : null);
        foreach (var setting in BridgeSetting.Values)
            Setting(setting, onlyTo: null);
    }

    private void Started()
    {
        foreach (var setting in BridgeSetting.Switches)
            Setting(setting, onlyTo: true);
    }

    private void Setting(BridgeSetting setting, bool? onlyTo)
    {
        if (Change(setting.Field) is not { To: { } value } change || (onlyTo is { } wanted && value != (Value)wanted))
            return;
        var undo = change.From is { } from ? new BridgeSet(_name, setting.Attribute, setting.ToKernel(from, _ticks)) : null;
        Add(setting.Field, new BridgeSet(_name, setting.Attribute, setting.ToKernel(value, _ticks)), undo);
    }

    // Ports that come and go move the MTU of a bridge that follows them, so it is set after them.
    private void Mtu(BridgePortPlan ports)
    {
        if (request.Desired!.Number(BridgeFields.Mtu) is not { } wanted)
            return;
        var stated = request.Resource!.Spec.Number(BridgeFields.Mtu) is not null;
        var differs = _live is null ? stated && ports.FollowingMtu != wanted : Change(BridgeFields.Mtu) is not null;
        if (differs || (stated && ports.Moves && ports.FollowingMtu != wanted))
            Add(BridgeFields.Mtu, new LinkSetMtu(_name, (int)wanted), _live is null ? null : new LinkSetMtu(_name, _live.Link.Mtu));
        else if (stated && IsNewlyStated())
            // Of its two messages the second can be refused: then the MTU is a byte off.
            Add(BridgeFields.Mtu, new LinkSetMtu(_name, (int)wanted, Fixed: true), _live is null ? null : new LinkSetMtu(_name, _live.Link.Mtu));
    }

    // It is there by chance then, and would go with the next port that has another. Links of containers come after this.
    private bool IsNewlyStated()
    {
        if (request.Action == ChangeAction.Create)
            return true;
        var without = request.Effective!.With(BridgeFields.Mtu, null);
        return request.Live is { Ownership: Ownership.Owned, Recorded: { } recorded } && recorded.Matches(ValuePath.Of(BridgeFields.Mtu), null, without) == true;
    }

    private void Up(bool up, BridgeAddressPlan addresses)
    {
        if (Change(BridgeFields.Up)?.To is not FlagValue to || to.Flag != up || (_live is null && !up))
            return;
        // Going down takes IPv6 addresses along, here and when going up is taken back.
        Add(BridgeFields.Up,
            up ? new LinkSetUp(_name, true) : new LinkSetUp(_name, false, addresses.IPv6Between),
            _live is null ? null : up ? new LinkSetUp(_name, false, addresses.IPv6After) : new LinkSetUp(_name, true, addresses.IPv6Between));
    }

    // What was planned for one link is not done to another that has taken its name since.
    private Operation Pinned(Operation operation)
    {
        var pinned = operation switch
        {
            LinkSetMaster { Master: { } master } move => move with { LinkIndex = IndexOf(move.Link), MasterIndex = IndexOf(master) },
            LinkCreate => operation,
            RtnetlinkOperation change => change with { LinkIndex = IndexOf(change.Link) },
            _ => operation,
        };
        return pinned.Undo is { } undo ? pinned with { Undo = Pinned(undo) } : pinned;
    }

    private int IndexOf(string link) =>
        link == _name || link == request.Live?.Object ? _live?.Link.Index ?? 0 : tables.Links.Find(link)?.Index ?? 0;

    private FieldChange? Change(Field field) => _changes[field].FirstOrDefault();

    private void Add(Field? field, Operation operation, Operation? undo) =>
        _operations.Add(operation with { Field = field?.Path, Undo = undo });
}
