using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The instance's root directory: made and marked before anything is put in it, removed when nothing is left.</summary>
internal sealed class CgroupFrame(ICgroupReader reader, CgroupControllers controllers)
{
    private const string SubtreeControl = "cgroup.subtree_control";

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
        before.AddRange(Enable(root, changes, node));
        return (before, makes || node is null ? [] : Removal(root, present, node, changes));
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

    // The hierarchy's own root is not ours: what is enabled there is remembered, to be taken back with the instance.
    private IEnumerable<Operation> Enable(string root, IReadOnlyList<ChangeRequest> changes, CgroupNode? node)
    {
        var needed = changes.Where(static c => c.Resource is not null).SelectMany(c => controllers.Needed(c.Resource!)).Distinct().ToList();
        if (needed.Count == 0 || reader.Layout.Unified is not { } unified)
            return [];
        var on = (reader.Read(unified, "", SubtreeControl) ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        ImmutableArray<string> off = [.. needed.Except(on).Order(StringComparer.Ordinal)];
        if (off.IsEmpty)
            return [];
        var before = node?.Marks.GetValueOrDefault(CgroupMarks.Enabled);
        var all = Names(before).Union(off).Order(StringComparer.Ordinal);
        return
        [
            new CgroupMark(root, CgroupMarkText.Make((CgroupMarks.Enabled, string.Join(' ', all))))
            {
                Undo = node is null ? null : new CgroupMark(root, CgroupMarkText.Make((CgroupMarks.Enabled, before))),
            },
            new CgroupEnable("", off) { Undo = new CgroupDisable("", off) },
        ];
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
        // With a controller its limits go: others who have cgroups there may have come to lean on it.
        var alone = reader.Layout.Unified is { } unified && reader.Children(unified, "").All(name => name == root);
        ImmutableArray<string> enabled = alone ? [.. Names(node.Marks.GetValueOrDefault(CgroupMarks.Enabled))] : [];
        ImmutableArray<string> abandoned = supervised
            ? []
            : [.. reader.Layout.Hierarchies.Where(h => reader.Exists(h, supervisor)).Select(static h => h.Name)];
        return
        [
            .. abandoned.IsEmpty ? Array.Empty<Operation>() : [new CgroupRemove(supervisor, abandoned)],
            new CgroupRemove(root, present),
            .. enabled.IsEmpty ? Array.Empty<Operation>() : [new CgroupDisable("", enabled)],
        ];
    }

    private static bool IsLeaf(string path) => path.EndsWith(CgroupObserver.ContainerSuffix, StringComparison.Ordinal);

    private static string[] Names(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
