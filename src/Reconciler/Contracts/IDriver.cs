using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Which objects a run belongs to: isolates marks, cgroup roots and directories.</summary>
/// <param name="Instance">Names a separate Provision on the same host; <c>default</c> unless told.</param>
/// <param name="Stack">What a set of manifests owns; <c>default</c> unless told.</param>
public sealed record Scope(string Instance = "default", string Stack = "default");

/// <summary>
/// One kind of resource. Reads through a port without mutating members, compares purely, and returns
/// operations as data. One per kind, registered once in <see cref="DriverRegistry"/>.
/// </summary>
public interface IDriver
{
    KindSchema Schema { get; }

    /// <summary>
    /// Every live object of this kind that carries the instance's mark (of any stack), every unfinished creation,
    /// and every object that a resource of the set names, foreign ones too. With <paramref name="only"/> just
    /// those resources are looked at (a fresh look at suspects), as cheaply as the kernel allows; it may name
    /// resources that are in no manifest but whose objects may still be there (a deletion being verified).
    /// </summary>
    IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only);

    /// <summary>
    /// Every object of this kind on the host, foreign ones too, as far as the kind can tell them: what
    /// <c>get --all</c> and <c>export --all</c> show. By default what <see cref="Observe"/> sees without manifests.
    /// </summary>
    IReadOnlyList<Observed> Survey(Snapshot snapshot, Scope scope) => Observe(snapshot, scope, ResourceSet.Empty, null);

    /// <summary>
    /// The spec as a mark records it: what is stated, with what the resource takes over from others it names (a profile)
    /// and what was once chosen for it. By default the spec itself.
    /// </summary>
    /// <param name="spec">For owned objects with the schema's defaults, for adopted ones what is stated.</param>
    /// <param name="live">The object as observed; null when it does not exist.</param>
    ObjectValue Resolve(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired) => spec;

    /// <summary>
    /// What a converged kernel will show for this spec: schema defaults are already filled in for owned objects;
    /// this adds the defaults that depend on the host, rounds as the kernel rounds, and resolves names (device
    /// paths). What this host cannot express is an error in the bag, found before the first write.
    /// </summary>
    /// <param name="spec">From <see cref="Resolve"/>.</param>
    /// <param name="live">The object as observed; null when it does not exist.</param>
    ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag);

    /// <summary>
    /// The operations for one change, in order, each with its undo; pure. A create
    /// marks the object directly after making it (a crash leaves nothing, an unfinished creation, or an owned object
    /// that the next plan completes); an update with <see cref="ChangeRequest.WriteMark"/> writes the mark last.
    /// A deletion whose recorded policy is Orphan takes the marks off and leaves the object. What must not be done (lowering a limit under its use, removing a cgroup that has
    /// processes) is an error in the bag.
    /// </summary>
    IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag);

    /// <summary>
    /// Operations that serve the instance rather than one resource, before (create the instance's root) and
    /// after (remove it when it stays empty) everything else; pure. Both lists are usually empty. Asked without
    /// changes when a destroy or a prune finds nothing else to do.
    /// </summary>
    (IReadOnlyList<Operation> Before, IReadOnlyList<Operation> After) Frame(
        Snapshot snapshot, Scope scope, IReadOnlyList<ChangeRequest> changes) => ([], []);

    /// <summary>The kinds whose changes <see cref="Frame"/> is asked about, its own among them.</summary>
    IReadOnlyCollection<string> FramedKinds => [Schema.Kind];

    /// <summary>The table whose events concern this kind: <see cref="KernelEvent.Links"/> or <see cref="KernelEvent.Cgroups"/>.</summary>
    string EventTable { get; }

    /// <summary>Every table whose events this kind wants to hear of.</summary>
    IReadOnlyCollection<string> EventTables => [EventTable];

    /// <summary>The resources that an event makes suspect; empty when it is none of this kind's business.</summary>
    IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired);

    /// <summary>
    /// The codes of this kind's problems that say what this host or kernel lacks, rather than what is wrong with a
    /// manifest: such an error ends a command with an exit code of its own.
    /// </summary>
    IReadOnlyCollection<string> MissingLayers => [];

    /// <summary>How this kind is read on the whole: <c>rtnetlink</c>, <c>cgroupfs</c>.</summary>
    string ReadMethod { get; }

    /// <summary>How a field of an object was read, and how sure that is.</summary>
    /// <param name="path">A field, or something within it.</param>
    Evidence ReadBy(ValuePath path, Observed live) => new(ReadMethod, Confidence.Kernel);

    /// <summary>
    /// Looks at what runs in the object of a comparison more closely than <see cref="Observe"/> may, at the price of
    /// disturbing it; nothing is changed. Null where there is nothing more to see.
    /// </summary>
    DeepLook? LookDeep(Comparison comparison) => null;
}

/// <summary>What is to be done to one object.</summary>
/// <param name="Resource">The manifest's resource; null for a deletion.</param>
/// <param name="Effective">The spec to record in the mark: stated values with the schema's defaults, resolved.</param>
/// <param name="Desired">The normalized spec; null for a deletion.</param>
/// <param name="Action">Create (also: complete an unfinished creation), Update or Delete. A replace is asked for as
/// a Delete and a Create.</param>
/// <param name="Live">The object as observed; null for a creation from nothing.</param>
/// <param name="Fields">The differences; for a creation every desired field, for a deletion none.</param>
/// <param name="Force">The user accepts what is refused by default (<c>--force</c>).</param>
public sealed record ChangeRequest(
    ResourceId Id,
    ChangeAction Action,
    Scope Scope,
    Resource? Resource,
    ObjectValue? Effective,
    ObjectValue? Desired,
    Observed? Live,
    IReadOnlyList<FieldChange> Fields,
    bool Force)
{
    /// <summary>Every resource of the manifests: where an object lies can depend on others (a cgroup's path).</summary>
    public ResourceSet Set { get; init; } = ResourceSet.Empty;

    /// <summary>True when the mark must be written: at creation, and when the recorded spec moved.</summary>
    public bool WriteMark { get; init; }

    /// <summary>True for the Delete and the Create that a replace consists of: what belongs to the name alone may stay.</summary>
    public bool Replaces { get; init; }

    /// <summary>What this run has read: where a driver finds its own tables again.</summary>
    public Snapshot Snapshot { get; init; } = new();
}
