using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>Finds the cgroups of an instance and reads them.</summary>
internal sealed class CgroupObserver(ICgroupReader reader, CgroupControllers controllers)
{
    /// <summary>Directories of containers (name.ctr): another kind's, with processes.</summary>
    public const string ContainerSuffix = ".ctr";

    private static readonly CgroupNode Unmarked = new([], ImmutableSortedDictionary<string, string>.Empty);

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only)
    {
        var root = CgroupLayout.InstanceRoot(scope.Instance);
        var wanted = desired.OfKind(CgroupSchema.Kind)
            .Where(r => only is null || only.Contains(r.Id))
            .ToDictionary(r => CgroupPaths.Of(r, desired, root, reader));
        if (only is not null && Direct(wanted, scope, root, only, desired) is { } found)
            return found;

        var tree = Tree(snapshot, scope);
        var marked = IsMarked(tree.Find(root), scope);
        var result = new List<Observed>();
        foreach (var seen in SideBySide.Select(tree.Paths, path => One(path, tree.Find(path)!, scope, root, marked, wanted.GetValueOrDefault(path))))
            if (seen is { } observed && (only is null || only.Contains(observed.Id)))
                result.Add(observed);
        foreach (var (path, resource) in wanted)
            if (tree.Find(path) is null && Elsewhere(path, resource, root, marked) is { } elsewhere)
                result.Add(elsewhere);
        if (marked)
            foreach (var path in new TornCgroups(reader, tree).Find(leafOfNoInterest: wanted.ContainsKey))
                if (!wanted.ContainsKey(path)
                    && new ResourceId(CgroupSchema.Kind, CgroupPaths.NameOf(path)) is var id && only?.Contains(id) != false)
                    result.Add(Read(path, Unmarked, id, Ownership.Unfinished, root));
        return result;
    }

    /// <summary>The tree of the instance, read once a run.</summary>
    public CgroupTree Tree(Snapshot snapshot, Scope scope) => snapshot.Table(() => CgroupTree.Load(
        reader, CgroupLayout.InstanceRoot(scope.Instance), static name => !name.EndsWith(ContainerSuffix, StringComparison.Ordinal)));

    // Suspects that stand where they should need no walk through everybody else's. Null: somebody must be searched for.
    private List<Observed>? Direct(
        Dictionary<string, Resource> wanted, Scope scope, string root, IReadOnlySet<ResourceId> only, ResourceSet desired)
    {
        if (only.Any(id => id.Kind == CgroupSchema.Kind && desired.Find(id) is null))
            return null;
        var found = new List<Observed>();
        var marked = wanted.Count > 0 && IsMarked(reader.Visit(root), scope);
        foreach (var (path, resource) in wanted)
        {
            if (reader.Visit(path) is not { } node || One(path, node, scope, root, marked, resource) is not { } observed)
                return null;
            found.Add(observed);
        }

        return found;
    }

    // What stands in a root that is not marked as ours was not begun by us.
    private static bool IsMarked(CgroupNode? root, Scope scope) => root?.Marks.GetValueOrDefault(CgroupMarks.Instance) == scope.Instance;

    private Observed? One(string path, CgroupNode node, Scope scope, string root, bool marked, Resource? asked)
    {
        if (node.Marks.GetValueOrDefault(CgroupMarks.Instance) == scope.Instance
            && ResourceId.Parse(node.Marks.GetValueOrDefault(CgroupMarks.Resource) ?? "") is { Kind: CgroupSchema.Kind } id)
        {
            var (spec, policy) = CgroupMarkText.Read(node.Marks.GetValueOrDefault(CgroupMarks.Spec));
            return Read(path, node, id, Ownership.Owned, root) with
            {
                Stack = node.Marks.GetValueOrDefault(CgroupMarks.Stack),
                Recorded = new RecordedSpec(spec, policy),
                DeletionPolicy = policy,
            };
        }

        var adopts = asked is not null && asked.Metadata.ManagementPolicy != ManagementPolicy.Manage;
        if (marked && !adopts && IsUnfinished(path, node))
            return Read(path, node, new ResourceId(CgroupSchema.Kind, CgroupPaths.NameOf(path)), Ownership.Unfinished, root);
        return asked is null ? null : Read(path, node, asked.Id, Ownership.Foreign, root);
    }

    private bool IsUnfinished(string path, CgroupNode node) =>
        path.EndsWith(CgroupPaths.Suffix, StringComparison.Ordinal)
        && !node.Marks.ContainsKey(CgroupMarks.Released)
        && node.Children.IsEmpty
        && CgroupState.Processes(reader, path) == 0;

    // Not in the primary hierarchy, but perhaps in others: a foreign cgroup of cgroup v1, or ours with the marks torn
    // off, which is made whole even with processes in it.
    private Observed? Elsewhere(string path, Resource resource, string root, bool marked)
    {
        if (!reader.Layout.Hierarchies.Any(h => reader.Exists(h, path)))
            return null;
        var unfinished = marked && resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;
        return Read(path, Unmarked, resource.Id, unfinished ? Ownership.Unfinished : Ownership.Foreign, root);
    }

    private ImmutableDictionary<string, string> Unreadable(ImmutableArray<CgroupHierarchy> hierarchies, ObjectValue live)
    {
        var unreadable = controllers.Unreadable;
        foreach (var controller in controllers.All)
            if (hierarchies.Contains(controller.Hierarchy))
                foreach (var (field, why) in controller.Unreadable(live))
                    unreadable = unreadable.SetItem(field, why);
        return unreadable;
    }

    internal Observed Read(string path, CgroupNode node, ResourceId id, Ownership ownership, string root)
    {
        var hierarchies = reader.Layout.Hierarchies.Where(h => reader.Exists(h, path)).ToImmutableArray();
        var parent = CgroupPaths.Above(path) is var above && above == root ? null : CgroupPaths.NameOf(above);
        var live = ObjectValue.Empty.With(CgroupFields.Parent, parent ?? CgroupFields.NoParent);
        foreach (var controller in controllers.All)
            if (hierarchies.Contains(controller.Hierarchy))
                live = controller.Read(new CgroupFiles(reader, controller.Hierarchy, path), live);

        return new Observed(id, path, ownership, live)
        {
            DependsOn = parent is null ? [] : [new ResourceId(CgroupSchema.Kind, parent)],
            Unreadable = Unreadable(hierarchies, live),
            State = new CgroupState(reader, path, [.. hierarchies.Select(static h => h.Name)], node.Children, node.Marks),
        };
    }
}
