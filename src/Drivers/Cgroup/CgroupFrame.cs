using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The instance's root directory: made and marked before anything is put in it, removed when nothing is left.</summary>
internal sealed class CgroupFrame(ICgroupReader reader, CgroupControllers controllers)
{
    public (IReadOnlyList<Operation> Before, IReadOnlyList<Operation> After) Of(
        string instance, IReadOnlyList<ChangeRequest> changes)
    {
        var root = CgroupLayout.InstanceRoot(instance);
        var present = reader.Layout.Hierarchies.Where(h => reader.Exists(h, root)).Select(static h => h.Name).ToImmutableArray();
        var node = reader.Visit(root);
        var makes = changes.Any(static c => c.Action is ChangeAction.Create or ChangeAction.Replace);
        var before = new List<Operation>();
        if (makes)
            before.AddRange(Root(root, instance, present, node));
        var enables = ToEnable(changes);
        before.AddRange(Enable(root, enables, node));
        var removal = makes || node is null ? [] : Removal(root, present, node, changes);
        return (before, removal.Count > 0 || node is null ? removal : Surplus(root, instance, node, changes, enables));
    }

    /// <summary>True when somebody else's cgroup stands where the instance's root should.</summary>
    public bool IsForeign(string instance)
    {
        var root = CgroupLayout.InstanceRoot(instance);
        return reader.Visit(root)?.Marks.ContainsKey(CgroupMarks.Instance) != true
            && reader.Layout.Hierarchies.Any(h => reader.Exists(h, root) && (reader.Children(h, root).Count > 0 || CgroupState.Processes(reader, root) > 0));
    }

    private IEnumerable<Operation> Root(string root, string instance, ImmutableArray<string> present, CgroupNode? node)
    {
        ImmutableArray<string> missing = [.. reader.Layout.Hierarchies.Select(static h => h.Name).Except(present)];
        if (!missing.IsEmpty)
            yield return new CgroupCreate(root, missing, Completes: !present.IsEmpty) { Undo = new CgroupRemove(root, missing, Takeback: true) };
        if (node?.Marks.ContainsKey(CgroupMarks.Instance) != true)
            yield return new CgroupMark(root, CgroupMarkText.Make((CgroupMarks.Instance, instance)))
            {
                Undo = node is null ? null : new CgroupMark(root, CgroupMarkText.Make((CgroupMarks.Instance, null))),
            };
    }

    private ImmutableArray<string> ToEnable(IReadOnlyList<ChangeRequest> changes) => reader.Layout.Unified is not { } unified ? [] :
    [
        .. changes.Where(static c => c.Resource is not null).SelectMany(c => controllers.Needed(c.Resource!))
            .Except(EnabledControllers.Below(reader, unified, "")).Order(StringComparer.Ordinal),
    ];

    // The hierarchy's own root is not ours: what is enabled there is remembered, to be taken back with the instance.
    private static IEnumerable<Operation> Enable(string root, ImmutableArray<string> off, CgroupNode? node)
    {
        if (off.IsEmpty)
            yield break;
        var before = node?.Marks.GetValueOrDefault(CgroupMarks.Enabled);
        yield return new CgroupMark(root, Remember(Names(before).Union(off)))
        {
            Undo = node is null ? null : new CgroupMark(root, CgroupMarkText.Make((CgroupMarks.Enabled, before))),
        };
        yield return new CgroupEnable("", off) { Undo = new CgroupDisable("", off) };
    }

    private IReadOnlyList<Operation> Removal(string root, ImmutableArray<string> present, CgroupNode node, IReadOnlyList<ChangeRequest> changes)
    {
        var going = changes.Where(static c => c.Action == ChangeAction.Delete && c.Live is not { Ownership: Ownership.Owned, DeletionPolicy: DeletionPolicy.Orphan })
            .Select(static c => c.Live!.Object)
            .ToHashSet();
        // The supervisor ends with its last container, and its cgroup with it.
        var supervisor = $"{root}/{LeafCgroups.Supervisor}";
        var supervised = CgroupState.Processes(reader, supervisor) > 0;
        var stays = reader.Layout.Hierarchies.SelectMany(h => reader.Children(h, root))
            .Any(name => !going.Contains($"{root}/{name}") && (name != LeafCgroups.Supervisor || (supervised && !going.Any(IsLeaf))));
        // Without changes: the root of a creation or a removal that was cut short, with its mark or before it had one.
        var cutShort = changes.Count == 0;
        if ((going.Count == 0 && !cutShort) || stays || CgroupState.Processes(reader, root) > 0)
            return [];
        if (!cutShort && !node.Marks.ContainsKey(CgroupMarks.Instance))
            return [];
        ImmutableArray<string> enabled = IsAlone(root) ? [.. Names(node.Marks.GetValueOrDefault(CgroupMarks.Enabled))] : [];
        ImmutableArray<string> abandoned = supervised
            ? []
            : [.. reader.Layout.Hierarchies.Where(h => reader.Exists(h, supervisor)).Select(static h => h.Name)];
        // What it left for the next one, which nobody needs.
        ImmutableArray<string> store = [.. abandoned.Where(name => reader.Exists(reader.Layout.Hierarchies.Single(h => h.Name == name), $"{supervisor}/{LeafCgroups.FdStore}"))];
        return
        [
            .. store.IsEmpty ? Array.Empty<Operation>() : [new CgroupKill($"{supervisor}/{LeafCgroups.FdStore}"), new CgroupRemove($"{supervisor}/{LeafCgroups.FdStore}", store)],
            .. abandoned.IsEmpty ? Array.Empty<Operation>() : [new CgroupRemove(supervisor, abandoned)],
            new CgroupRemove(root, present),
            .. enabled.IsEmpty ? Array.Empty<Operation>() : [new CgroupDisable("", enabled)],
        ];
    }

    // What nothing of the instance needs any more, there and, as far as it was us who enabled it, in the hierarchy's root.
    private IReadOnlyList<Operation> Surplus(
        string root, string instance, CgroupNode node, IReadOnlyList<ChangeRequest> changes, ImmutableArray<string> enables)
    {
        if (reader.Layout.Unified is not { } unified || node.Marks.GetValueOrDefault(CgroupMarks.Instance) != instance)
            return [];
        var surplus = new SurplusControllers(reader, controllers, unified, instance);
        var operations = new List<Operation>(surplus.Below(root, changes));
        var enabled = Names(node.Marks.GetValueOrDefault(CgroupMarks.Enabled)).Union(enables).ToList();
        ImmutableArray<string> off = operations.Count > 0 && IsAlone(root) ? [.. enabled.Where(c => !surplus.PassesOn(root, c))] : [];
        if (off.IsEmpty)
            return operations;
        operations.Add(new CgroupDisable("", off) { Undo = new CgroupEnable("", off) });
        operations.Add(new CgroupMark(root, Remember(enabled.Except(off))) { Undo = new CgroupMark(root, Remember(enabled)) });
        return operations;
    }

    private static ImmutableSortedDictionary<string, string?> Remember(IEnumerable<string> enabled) =>
        CgroupMarkText.Make((CgroupMarks.Enabled, string.Join(' ', enabled.Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : null));

    // With a controller its limits go: others who have cgroups beside ours may have come to lean on it.
    private bool IsAlone(string root) => reader.Layout.Unified is { } unified && reader.Children(unified, "").All(name => name == root);

    private static bool IsLeaf(string path) => path.EndsWith(CgroupObserver.ContainerSuffix, StringComparison.Ordinal);

    private static string[] Names(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
