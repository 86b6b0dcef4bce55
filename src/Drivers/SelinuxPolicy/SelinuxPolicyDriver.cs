using Provision.Kernel.Selinux;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// The kind SelinuxPolicy. Mode and booleans have no place for a mark: they are the host's, and what differs from the
/// declaration is drift. Modules carry their mark in their text.
/// </summary>
public sealed class SelinuxPolicyDriver(ISelinuxReader reader) : IDriver
{
    private const string Object = "selinux", Selinuxfs = "selinuxfs", Store = "module store";

    public KindSchema Schema => SelinuxPolicySchema.Schema;

    public string ReadMethod => Selinuxfs;

    public string EventTable => KernelEvent.Selinux;

    public IReadOnlyCollection<string> MissingLayers => [SelinuxPolicyCodes.NotOn, SelinuxPolicyCodes.NoBoolean, SelinuxPolicyCodes.NoModules];

    // The kernel does not tell which modules its policy was built of.
    public Evidence ReadBy(ValuePath path, Observed live) =>
        path.Root == SelinuxPolicyFields.Modules ? new Evidence(Store, Confidence.Recorded)
        : path.Root == SelinuxPolicyFields.FileContexts ? new Evidence("xattr", Confidence.Kernel)
        : new Evidence(Selinuxfs, Confidence.Kernel);

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only)
    {
        var declared = desired.OfKind(SelinuxPolicySchema.Kind).Where(r => only?.Contains(r.Id) != false)
            .Select(r => new SelinuxPolicyObserver(reader, snapshot, scope).Declared(r)).ToList();
        if (!reader.Layer.On || only?.Any(static id => id.Kind == SelinuxPolicySchema.Kind) == false)
            return declared;
        return [.. declared, .. new SelinuxPolicyObserver(reader, snapshot, scope).Marked(id => desired.Find(id) is null && only?.Contains(id) != false)];
    }

    /// <summary>The host's own mode; its booleans are a few hundred, which nobody wants in a manifest.</summary>
    public IReadOnlyList<Observed> Survey(Snapshot snapshot, Scope scope) => !reader.Layer.On ? [] :
    [
        .. new SelinuxPolicyObserver(reader, snapshot, scope).Marked(static _ => true),
        new Observed(new ResourceId(SelinuxPolicySchema.Kind, "host-selinux"), Object, Ownership.Foreign,
            ObjectValue.Empty.With(SelinuxPolicyFields.Mode, SelinuxPolicyObserver.Mode(reader))),
    ];

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        if (!reader.Layer.On)
        {
            bag.Error(SelinuxPolicyCodes.NotOn, $"{resource.Id}: SELinux is not on: {reader.Layer.Look}", resource.Source.At("metadata.name"));
            return spec;
        }

        var modules = spec.Objects(SelinuxPolicyFields.Modules).ToList();
        if (modules.Count > 0 && reader.NoModules is { } why)
            bag.Error(SelinuxPolicyCodes.NoModules, $"{resource.Id}: modules cannot be installed: {why}", resource.Source.At("modules"));
        // A module that is yet to come may bring it.
        if (!modules.Exists(static m => !SelinuxModules.IsBuiltIn(m)))
            foreach (var name in (spec.Get(SelinuxPolicyFields.Booleans) as ObjectValue)?.Members.Keys ?? [])
                if (reader.Boolean(name) is null)
                    bag.Error(SelinuxPolicyCodes.NoBoolean, $"{resource.Id}: the loaded policy has no boolean {name}", resource.Source.At($"booleans[{name}]"));
        if (resource.Metadata.ManagementPolicy == ManagementPolicy.Manage && (live?.State as LivePolicy)?.Modules is { } stored)
            foreach (var module in modules)
                Claim(resource, module, stored, bag);
        foreach (var context in spec.Objects(SelinuxPolicyFields.FileContexts))
            if (context.Text(SelinuxPolicyFields.ContextPath) is { } path && (live?.State as LivePolicy)?.Contexts.GetValueOrDefault(path) is null
                && live?.Unreadable.ContainsKey(FieldPath.Item(SelinuxPolicyFields.FileContexts.Path, path)) != true)
                bag.Error(SelinuxPolicyCodes.NoFile, $"{resource.Id}: there is no {path} to label, or a link leads there", resource.Source.At(FieldPath.Item(SelinuxPolicyFields.FileContexts.Path, path)));
        // What an adopting resource leaves out of what it names is no less than what an owning one does.
        return Filled(Filled(spec, SelinuxPolicyFields.Modules, SelinuxPolicyFields.Source), SelinuxPolicyFields.FileContexts, SelinuxPolicyFields.ContextLevel);
    }

    private static ObjectValue Filled(ObjectValue spec, Field list, Field member) => spec.List(list).IsEmpty ? spec
        : spec.With(list, new ListValue([.. spec.Objects(list).Select(o => (Value)(o.Get(member) is null ? o.With(member, member.Default) : o))]));

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) => SelinuxPolicyPlanner.Plan(request);

    public (IReadOnlyList<Operation> Before, IReadOnlyList<Operation> After) Frame(Snapshot snapshot, Scope scope, IReadOnlyList<ChangeRequest> changes) =>
        ([], [.. changes.Where(static c => c.Action == ChangeAction.Delete).SelectMany(SelinuxPolicyPlanner.Removals)]);

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired) =>
        [.. known.Select(static k => k.Id).Where(static id => id.Kind == SelinuxPolicySchema.Kind).Union(desired.OfKind(SelinuxPolicySchema.Kind).Select(static r => r.Id))];

    // What another installed is not replaced; that it says the same is as good.
    private static void Claim(Resource resource, ObjectValue module, IReadOnlyCollection<LiveModule> stored, DiagnosticBag bag)
    {
        var name = module.Text(SelinuxPolicyFields.ModuleName);
        if (stored.FirstOrDefault(m => m.Name == name) is not { } there || there.Mark?.Id == resource.Id || there.Cil == SelinuxModules.CilOf(module))
            return;
        var owner = there.Mark is { } mark ? $"belongs to {mark.Id} of stack {mark.Scope.Stack}, instance {mark.Scope.Instance}" : "was not installed by Provision";
        bag.Error(SelinuxPolicyCodes.ForeignModule, $"{resource.Id}: the module {name} exists already at priority {SelinuxPolicyObserver.Priority}, says something else and {owner}",
            resource.Source.At($"modules[{name}]"), "remove it, give this one another name, or set metadata.managementPolicy to Merge to replace it");
    }
}
