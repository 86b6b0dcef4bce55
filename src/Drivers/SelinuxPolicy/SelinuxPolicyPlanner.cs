using Provision.Kernel.Selinux;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// Differences to operations: modules first, since they may bring the booleans and types that follow;
/// the mode last, so that nothing is enforced before all that it needs is there.
/// </summary>
internal static class SelinuxPolicyPlanner
{
    public static IReadOnlyList<Operation> Plan(ChangeRequest request)
    {
        // The modules of what goes: see Removals.
        if (request.Action == ChangeAction.Delete)
            return [];
        var moved = request.Fields.Where(static c => c.Path.Root == SelinuxPolicyFields.Modules).SelectMany(static c => c.Path.Keys.Take(1)).Distinct().ToList();
        var operations = moved.ConvertAll(name => Module(request, name));
        foreach (var change in request.Fields.Where(static c => c.Path.Root == SelinuxPolicyFields.Booleans))
            if (change.To is FlagValue to)
                operations.Add(Boolean(change.Path.Keys[0], to.Flag, change.From as FlagValue));
        operations.AddRange(request.Fields.Where(static c => c.Path.Root == SelinuxPolicyFields.FileContexts)
            .Select(static c => c.Path.Keys[0]).Distinct().Select(path => Relabel(request, path)));
        foreach (var change in request.Fields.Where(static c => c.Path.Root == SelinuxPolicyFields.Mode))
            operations.Add(new SelinuxSetMode(Is(change.To)) { Field = SelinuxPolicyFields.Mode.Path, Undo = change.From is null ? null : new SelinuxSetMode(Is(change.From)) });
        return operations;
    }

    /// <summary>The modules of a resource that goes. After everything else: its containers are gone by then.</summary>
    public static IEnumerable<Operation> Removals(ChangeRequest request) =>
        request.Live is not { State: LivePolicy { Modules: { } modules } } live ? []
        : live.DeletionPolicy == DeletionPolicy.Orphan ? modules.Where(static m => m is { Mark: not null, Cil: not null }).Select(static m => (Operation)new SelinuxInstallModule(m.Name, m.Cil!) { Undo = Installed(m) })
        : modules.Where(static m => m.Mark is not null).Select(Remove);

    private static Operation Module(ChangeRequest request, string name)
    {
        var live = (request.Live?.State as LivePolicy)?.Modules?.FirstOrDefault(m => m.Name == name);
        var declared = request.Desired!.Objects(SelinuxPolicyFields.Modules).FirstOrDefault(m => m.Text(SelinuxPolicyFields.ModuleName) == name);
        if (declared is null)
            return Remove(live!);
        // What is adopted gets no mark: it goes with nobody.
        var cil = SelinuxModules.CilOf(declared);
        var mark = new ModuleMark(request.Scope, request.Id, request.Resource!.Metadata.DeletionPolicy);
        var text = request.Resource.Metadata.ManagementPolicy == ManagementPolicy.Manage ? mark.On(cil) : cil;
        return new SelinuxInstallModule(name, text) { Field = SelinuxPolicyFields.Modules.Path, Undo = live is null ? new SelinuxRemoveModule(name, SelinuxModules.TypesOf(cil)) : Installed(live) };
    }

    private static SelinuxRemoveModule Remove(LiveModule module) =>
        new(module.Name, SelinuxModules.TypesOf(module.Cil ?? "")) { Field = SelinuxPolicyFields.Modules.Path, Undo = Installed(module) };

    // One in another language than CIL was replaced by ours at its own priority: nothing here can build it again.
    private static SelinuxInstallModule? Installed(LiveModule module) =>
        module.Cil is not { } cil ? null : new SelinuxInstallModule(module.Name, module.Mark?.On(cil) ?? cil);

    private static SelinuxSetBoolean Boolean(string name, bool value, FlagValue? before) => new(name, value)
    {
        Field = FieldPath.Item(SelinuxPolicyFields.Booleans.Path, name),
        Undo = before is null ? null : new SelinuxSetBoolean(name, before.Flag),
    };

    private static SelinuxRelabel Relabel(ChangeRequest request, string path)
    {
        var declared = request.Desired!.Objects(SelinuxPolicyFields.FileContexts).First(c => c.Text(SelinuxPolicyFields.ContextPath) == path);
        var live = (request.Live?.State as LivePolicy)?.Contexts.GetValueOrDefault(path);
        return new SelinuxRelabel(path, LiveContext.Label(declared), LiveContext.Recurses(declared), live?.IsKept != true)
        {
            Field = FieldPath.Item(SelinuxPolicyFields.FileContexts.Path, path),
            Undo = live?.IsKept == true ? new SelinuxRestoreLabels(path, live.Different) : null,
        };
    }

    private static bool Is(Value? mode) => mode is TextValue { Text: SelinuxPolicyFields.Enforcing };
}
