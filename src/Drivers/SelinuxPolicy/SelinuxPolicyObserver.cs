using System.Collections.Immutable;
using Provision.Kernel.Selinux;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>The driver's own state: the store's modules; null when it could not be read.</summary>
internal sealed record LivePolicy(ImmutableArray<LiveModule>? Modules)
{
    /// <summary>By path what was seen there.</summary>
    public ImmutableDictionary<string, LiveContext> Contexts { get; init; } = ImmutableDictionary<string, LiveContext>.Empty;
}

/// <summary>Reads of SELinux what resources declare, and the modules that carry the instance's mark.</summary>
internal sealed class SelinuxPolicyObserver(ISelinuxReader reader, Snapshot snapshot, Scope scope)
{
    public const int Priority = 400;

    private const string Object = "selinux";

    public static Value Mode(ISelinuxReader reader) => reader.IsEnforcing() ? SelinuxPolicyFields.Enforcing : SelinuxPolicyFields.Permissive;

    /// <summary>What a resource declares, as it is. Of the rest of the host nothing is its business.</summary>
    public Observed Declared(Resource resource)
    {
        var owned = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;
        var seen = new Observed(resource.Id, Object, owned ? Ownership.Owned : Ownership.Foreign, ObjectValue.Empty);
        var effective = owned ? EffectiveSpec.Fill(SelinuxPolicySchema.Schema.Fields, resource.Spec) : resource.Spec;
        if (owned)
            seen = seen with
            {
                Stack = scope.Stack,
                Recorded = new RecordedSpec(effective, resource.Metadata.DeletionPolicy),
                DeletionPolicy = resource.Metadata.DeletionPolicy,
            };
        if (!reader.Layer.On)
            return seen;

        var live = ObjectValue.Empty;
        if (effective.Get(SelinuxPolicyFields.Mode) is not null)
            live = live.With(SelinuxPolicyFields.Mode, Mode(reader));
        if (effective.Get(SelinuxPolicyFields.Booleans) is ObjectValue booleans)
            live = live.With(SelinuxPolicyFields.Booleans, Booleans(booleans));
        return WithContexts(effective, WithModules(seen with { Live = live }, effective.Objects(SelinuxPolicyFields.Modules).Select(static m => m.Text(SelinuxPolicyFields.ModuleName)!).ToHashSet(StringComparer.Ordinal)));
    }

    /// <summary>What earlier manifests installed and these do not declare, by the resources that the marks name.</summary>
    public IEnumerable<Observed> Marked(Func<ResourceId, bool> wanted)
    {
        SelinuxModules.Table table;
        try
        {
            table = snapshot.Table(() => SelinuxModules.Read(reader));
        }
        catch (KernelException)
        {
            // Who may not read the store (no root) sees no modules.
            return [];
        }

        return table.Modules
            .Where(m => m.Mark is { } mark && mark.Scope.Instance == scope.Instance && mark.Id.Kind == SelinuxPolicySchema.Kind && wanted(mark.Id))
            .GroupBy(static m => (m.Mark!.Id, m.Mark.Scope.Stack, m.Mark.Policy))
            .Select(static g => Of(g.Key.Id, g.Key.Stack, g.Key.Policy, [.. g]));
    }

    private static Observed Of(ResourceId id, string stack, DeletionPolicy policy, ImmutableArray<LiveModule> modules)
    {
        var live = ObjectValue.Empty.With(SelinuxPolicyFields.Modules, Values(modules));
        return new Observed(id, Object, Ownership.Owned, live)
        {
            Stack = stack,
            Recorded = new RecordedSpec(live, policy),
            DeletionPolicy = policy,
            State = new LivePolicy(modules),
        };
    }

    private ObjectValue Booleans(ObjectValue declared)
    {
        var values = declared.Members.Keys.Select(name => (Name: name, Value: reader.Boolean(name))).Where(static b => b.Value is not null);
        return new ObjectValue(values.ToImmutableSortedDictionary(static b => b.Name, static b => (Value)b.Value!.Value, StringComparer.Ordinal));
    }

    private Observed WithModules(Observed seen, HashSet<string> declared)
    {
        try
        {
            var modules = snapshot.Table(() => SelinuxModules.Read(reader)).Modules;
            var mine = modules.Where(m => declared.Contains(m.Name) || (m.Mark is { } mark && mark.Id == seen.Id && mark.Scope.Instance == scope.Instance)).ToImmutableArray();
            return seen with { Live = seen.Live.With(SelinuxPolicyFields.Modules, Values(mine)), State = new LivePolicy(mine) };
        }
        catch (KernelException unreadable)
        {
            return seen with
            {
                State = new LivePolicy(null),
                Unreadable = new Dictionary<string, string> { [SelinuxPolicyFields.Modules.Path] = unreadable.Message },
            };
        }
    }

    private Observed WithContexts(ObjectValue effective, Observed seen)
    {
        var contexts = ((LivePolicy)seen.State!).Contexts;
        var values = new List<Value>();
        var unreadable = seen.Unreadable.ToDictionary();
        foreach (var declared in effective.Objects(SelinuxPolicyFields.FileContexts))
        {
            var path = declared.Text(SelinuxPolicyFields.ContextPath)!;
            try
            {
                if (LiveContext.Read(reader, declared) is not { } live)
                    continue;
                contexts = contexts.SetItem(path, live);
                values.Add(live.Value(declared));
            }
            catch (KernelException failed)
            {
                unreadable[FieldPath.Item(SelinuxPolicyFields.FileContexts.Path, path)] = failed.Message;
            }
        }

        return seen with
        {
            Live = values.Count == 0 ? seen.Live : seen.Live.With(SelinuxPolicyFields.FileContexts, new ListValue([.. values])),
            State = (LivePolicy)seen.State with { Contexts = contexts },
            Unreadable = unreadable,
        };
    }

    private static ListValue Values(IEnumerable<LiveModule> modules) =>
        new([.. modules.OrderBy(static m => m.Name, StringComparer.Ordinal).Select(static m => (Value)m.Value)]);
}
