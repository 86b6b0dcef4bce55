using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>What is wrong with a SelinuxPolicy whatever the host: there is one SELinux, and each thing of it has one declaration.</summary>
internal static class SelinuxPolicyCheck
{
    public static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        var mine = Claims(resource).ToList();
        foreach (var other in set.OfKind(SelinuxPolicySchema.Kind).TakeWhile(o => o.Id != resource.Id))
        {
            var theirs = Claims(other).ToHashSet(StringComparer.Ordinal);
            foreach (var path in mine.Where(theirs.Contains))
                bag.Error(SelinuxPolicyCodes.DeclaredTwice, $"{resource.Id}: {path} is declared by {other.Id} too", resource.Source.At(path), "the host has one SELinux: keep one of the two");
        }

        CheckLevels(resource, bag);
        CheckTrees(resource, set, bag);
        foreach (var module in resource.Spec.Objects(SelinuxPolicyFields.Modules))
            if (SelinuxModules.IsBuiltIn(module) && module.Text(SelinuxPolicyFields.ModuleName) is var name && name != ProvisionModule.Name)
                bag.Error(SelinuxPolicyCodes.BuiltInName, $"{resource.Id}: the built-in module is called {ProvisionModule.Name}, not {name}",
                    resource.Source.At($"modules[{name}]"), "state a source: {file: NAME.cil}");
    }

    private static void CheckLevels(Resource resource, DiagnosticBag bag)
    {
        foreach (var context in resource.Spec.Objects(SelinuxPolicyFields.FileContexts))
            if (context.Text(SelinuxPolicyFields.ContextLevel) == SelinuxLevel.Auto)
                bag.Error(SelinuxPolicyCodes.FileLevel, $"{resource.Id}: a file has no level that could be chosen for it", resource.Source.At($"fileContexts[{context.Text(SelinuxPolicyFields.ContextPath)}].level"), "state one, such as s0");
    }

    // Each would undo the other, time after time.
    private static void CheckTrees(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        var trees = set.OfKind(SelinuxPolicySchema.Kind).SelectMany(static r => r.Spec.Objects(SelinuxPolicyFields.FileContexts))
            .Where(LiveContext.Recurses).Select(static c => c.Text(SelinuxPolicyFields.ContextPath)!).ToList();
        foreach (var path in resource.Spec.Objects(SelinuxPolicyFields.FileContexts).Select(static c => c.Text(SelinuxPolicyFields.ContextPath)!))
            if (trees.Find(t => t != path && path.StartsWith(t == "/" ? t : t + "/", StringComparison.Ordinal)) is { } tree)
                bag.Error(SelinuxPolicyCodes.TreesOverlap, $"{resource.Id}: {path} lies in {tree}, which is labelled with all that is below it", resource.Source.At($"fileContexts[{path}]"), "state recurse: false for the outer one");
    }

    private static IEnumerable<string> Claims(Resource resource)
    {
        if (resource.Spec.Get(SelinuxPolicyFields.Mode) is not null)
            yield return SelinuxPolicyFields.Mode.Path;
        foreach (var name in (resource.Spec.Get(SelinuxPolicyFields.Booleans) as ObjectValue)?.Members.Keys ?? [])
            yield return FieldPath.Item(SelinuxPolicyFields.Booleans.Path, name);
        foreach (var module in resource.Spec.Objects(SelinuxPolicyFields.Modules))
            yield return FieldPath.Item(SelinuxPolicyFields.Modules.Path, module.Text(SelinuxPolicyFields.ModuleName)!);
        foreach (var context in resource.Spec.Objects(SelinuxPolicyFields.FileContexts))
            yield return FieldPath.Item(SelinuxPolicyFields.FileContexts.Path, context.Text(SelinuxPolicyFields.ContextPath)!);
    }
}
