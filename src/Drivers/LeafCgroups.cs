using System.Collections.Immutable;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>
/// Cgroups that objects of other kinds have for themselves: a container's leaf. Their limits are a Cgroup's fields
/// below another name, and a Cgroup's controllers read, round and write them.
/// </summary>
internal sealed class LeafCgroups
{
    /// <summary>Ends the directories of Cgroups.</summary>
    public const string Suffix = CgroupPaths.Suffix;

    /// <summary>The kind whose objects have leaves.</summary>
    public const string Kind = ContainerSchema.Kind;

    /// <summary>The directory of the instance's supervisor, beside the first cgroups.</summary>
    public const string Supervisor = "supervisor";

    /// <summary>The directory within that one of what keeps descriptors when a supervisor is gone.</summary>
    public const string FdStore = "fdstore";

    private readonly ICgroupReader _reader;
    private readonly CgroupControllers _controllers;
    private readonly CgroupObserver _observer;
    private readonly CgroupPlanner _planner;

    public LeafCgroups(ICgroupReader reader)
    {
        _reader = reader;
        _controllers = new CgroupControllers(reader);
        _observer = new CgroupObserver(reader, _controllers);
        _planner = new CgroupPlanner(reader, _controllers);
    }

    public ICgroupReader Reader => _reader;

    /// <summary>A Cgroup's limits, declared for another place.</summary>
    public static ImmutableArray<Field> Fields() =>
        [.. CgroupSchema.Schema.Fields.Where(static f => f != CgroupFields.Parent).Select(static f => f.Copy())];

    /// <summary>How such a limit is read.</summary>
    public Evidence ReadBy(ValuePath path) => CgroupEvidence.Of(path, _reader.Layout);

    /// <summary>What is wrong with limits whatever the host.</summary>
    public static void Check(Resource leaf, ResourceSet set, DiagnosticBag bag) => CgroupCheck.Limits(leaf, set, bag);

    /// <summary>A resource as if it were the Cgroup that its leaf is: what is said of that goes to where the resource says it.</summary>
    /// <param name="limits">In the shape of a Cgroup's spec.</param>
    /// <param name="parent">Name of the Cgroup above; null: the instance's root.</param>
    /// <param name="group">The field of the resource that holds the limits.</param>
    /// <param name="above">The field of the resource that names the Cgroup above.</param>
    public static Resource AsCgroup(Resource owner, ObjectValue limits, string? parent, Field group, Field above)
    {
        var spans = new Dictionary<string, SourceSpan> { [""] = owner.Source.At(group.Path), [CgroupFields.Parent.Path] = owner.Source.At(above.Path) };
        var prefix = group.Path + ".";
        foreach (var (path, span) in owner.Source.Spans)
            if (path.StartsWith(prefix, StringComparison.Ordinal))
                spans[path[prefix.Length..]] = span;
        return owner with
        {
            Spec = parent is null ? limits : limits.With(CgroupFields.Parent, parent),
            Source = new SourceMap(spans),
            Metadata = owner.Metadata with
            {
                IgnoreFields = [.. owner.Metadata.IgnoreFields.Where(f => f.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f[prefix.Length..])],
            },
        };
    }

    /// <summary>The changes that have to do with cgroups, as their frame knows them.</summary>
    public static IReadOnlyList<ChangeRequest> ForFrame(IReadOnlyList<ChangeRequest> changes) =>
    [
        .. changes.Select(static c => c.Id.Kind == ContainerSchema.Kind && c.Resource is { } container ? c with { Resource = LeafLimits.Of(container, c.Set) } : c),
    ];

    /// <summary>True when a Cgroup above states that devices are denied: then the leaf has its rules.</summary>
    public static bool DeniesAbove(string? parent, ResourceSet set)
    {
        var at = parent is null ? null : set.Find(new ResourceId(CgroupSchema.Kind, parent));
        for (var depth = 0; at is not null && depth < set.Ordered.Length; depth++, at = CgroupCheck.Parent(at, set))
            if (at.Spec.Text(CgroupFields.DevicesDefault) == "deny")
                return true;
        return false;
    }

    /// <summary>The path that a leaf has, or is to have.</summary>
    public string PathOf(string name, string suffix, string? parent, ResourceSet set, string instance)
    {
        var root = CgroupLayout.InstanceRoot(instance);
        var above = parent is not null && set.Find(new ResourceId(CgroupSchema.Kind, parent)) is { } resource
            ? CgroupPaths.Of(resource, set, root, _reader)
            : root;
        return $"{above}/{name}{suffix}";
    }

    /// <summary>The Cgroup that a leaf lies in; null: the instance's root.</summary>
    public static string? ParentOf(string path, string instance) =>
        CgroupPaths.Above(path) is var above && above == CgroupLayout.InstanceRoot(instance) ? null : CgroupPaths.NameOf(above);

    /// <summary>The leaf as a Cgroup's driver sees it: live limits without the parent, and what the planner needs.</summary>
    public Observed Read(string path, ImmutableSortedDictionary<string, string> marks, ResourceId id, Ownership ownership, string instance)
    {
        var leaf = _observer.Read(path, new CgroupNode([.. _reader.Children(_reader.Layout.Primary, path)], marks), id, ownership, CgroupLayout.InstanceRoot(instance));
        return leaf with { Live = leaf.Live.With(CgroupFields.Parent, null) };
    }

    /// <summary>True when the directory is in some hierarchy.</summary>
    public bool Exists(string path) => _reader.Layout.Hierarchies.Any(h => _reader.Exists(h, path));

    /// <summary>What stands in a root that is not marked as ours was not begun by us.</summary>
    public bool OwnsRoot(string instance) =>
        _reader.Visit(CgroupLayout.InstanceRoot(instance))?.Marks.GetValueOrDefault(CgroupMarks.Instance) == instance;

    /// <summary>True when somebody else's cgroup stands where the instance's root should.</summary>
    public bool IsForeignRoot(string instance) => new CgroupFrame(_reader, _controllers).IsForeign(instance);

    /// <summary>True when the instance's supervisor runs.</summary>
    public bool HasSupervisor(string instance) => CgroupState.Processes(_reader, $"{CgroupLayout.InstanceRoot(instance)}/{Supervisor}") > 0;

    /// <summary>Limits as this host will show them.</summary>
    public ObjectValue Normalize(Resource leaf, ObjectValue limits, Observed? live, Snapshot snapshot, string instance, ResourceSet set, DiagnosticBag bag)
    {
        var once = snapshot.Table(() => new CachingReader(_reader));
        return CgroupNormal.Normalize(limits, _controllers, new NormalContext(leaf, set, live, once, CgroupLayout.InstanceRoot(instance), bag))
            .With(CgroupFields.Parent, null);
    }

    /// <summary>Makes, completes or changes a leaf; a creation marks it as the resource's own.</summary>
    /// <param name="request">The resource's; its fields below <paramref name="group"/> count here.</param>
    /// <param name="leaf">From <see cref="AsCgroup"/>.</param>
    /// <param name="live">From <see cref="Read"/>; null when there is none.</param>
    public IEnumerable<Operation> Plan(ChangeRequest request, Resource leaf, Observed? live, string path, Field group, DiagnosticBag bag)
    {
        var mine = request with
        {
            Resource = leaf,
            Live = live,
            Fields = [.. request.Fields.Where(f => f.Path.IsWithin(group.Path)).Select(static f => f with { Path = Cgroups(f.Path) })],
            WriteMark = false,
        };
        return _planner.Plan(mine, path, bag).Select(o => o.Field is null ? o : o with { Field = $"{group.Path}.{o.Field}" });
    }

    /// <summary>Records the spec as it now is.</summary>
    public static Operation Mark(ChangeRequest request, Observed live)
    {
        var state = (CgroupState)live.State!;
        return new CgroupMark(state.Path, CgroupMarkText.Make((CgroupMarks.Spec, CgroupMarkText.OfSpec(request.Resource!, request.Effective!))))
        {
            Undo = new CgroupMark(state.Path, CgroupMarkText.Make((CgroupMarks.Spec, state.Marks.GetValueOrDefault(CgroupMarks.Spec)))),
        };
    }

    /// <summary>Bytes of the mark that keeps the spec.</summary>
    public static int MarkSize(ChangeRequest request) =>
        System.Text.Encoding.UTF8.GetByteCount(CgroupMarkText.OfSpec(request.Resource!, request.Effective!));

    /// <summary>Removes an emptied leaf.</summary>
    public static Operation Remove(Observed live) => live.State is CgroupState state
        ? new CgroupRemove(state.Path, state.Hierarchies)
        : throw new ArgumentException("not a leaf", nameof(live));

    /// <summary>Takes the marks off.</summary>
    public IEnumerable<Operation> Release(ChangeRequest request, Observed live, DiagnosticBag bag) =>
        _planner.Plan(request with { Live = live with { Ownership = Ownership.Owned, DeletionPolicy = DeletionPolicy.Orphan } }, live.Object, bag);

    /// <summary>Spec and policy as a mark records them.</summary>
    public static (ObjectValue? Spec, DeletionPolicy Policy) Recorded(IReadOnlyDictionary<string, string> marks) =>
        CgroupMarkText.Read(marks.GetValueOrDefault(CgroupMarks.Spec));

    // resources.io.max[8:0].readBps → io.max[8:0].readBps, in the declaration that the controllers know.
    private static ValuePath Cgroups(ValuePath path)
    {
        var root = FieldPath.Resolve(CgroupSchema.Schema.Fields, string.Join('.', path.Root.Names.Skip(1)))!;
        var at = ValuePath.Of(root);
        if (path.Keys is not [var key])
            return at;
        at = at.Item(key);
        return path.IsItem ? at : at.Then(((ObjectType)((ListType)root.Type).Item).Find(path.Field.Name)!);
    }
}
