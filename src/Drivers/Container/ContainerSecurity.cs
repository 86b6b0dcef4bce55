using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>What confines a container: by the name of a SecurityProfile, or written out. A mark records what it comes to.</summary>
internal static class ContainerSecurity
{
    public static readonly SecurityFields Fields = new();

    public static readonly Field Security = new("security", new UnionType(Types.Reference(SecurityProfiles.Kind), new ObjectType(Fields.All)),
        "What confines the container: the name of a SecurityProfile, or a profile written out.")
    { DefaultDoc = "the built-in profile: Docker's capabilities, filter of system calls and paths, no new privileges", ReplaceReason = ContainerReasons.Confined };

    // Levels in use, those of stopped containers too.
    private sealed class Levels(IEnumerable<string> taken) : HashSet<string>(taken, StringComparer.Ordinal);

    /// <summary>The profile in place of its name, and the level that the container has or is to have in place of <c>auto</c>.</summary>
    /// <param name="recorded">What the mark has; null where there is none.</param>
    /// <param name="others">The specs of all containers that have one.</param>
    public static ObjectValue Resolve(
        Resource resource, ObjectValue spec, ObjectValue? recorded, string seed, ISecurityReader host, Func<IEnumerable<ObjectValue>> others, Snapshot snapshot, ResourceSet set)
    {
        if (spec.Get(Security) is null)
            return spec;
        spec = spec.With(Security, SecurityProfiles.Effective(resource.Spec.Get(Security), set, snapshot));
        if (!IsLabelled(spec))
            return spec.With(Fields.SelinuxLevel, null);
        if (spec.Text(Fields.SelinuxLevel) != SelinuxLevel.Auto || !host.Layers[SecurityLayers.Selinux].On)
            return spec;
        if (recorded is not null && IsLabelled(recorded) && recorded.Text(Fields.SelinuxLevel) is { } kept and not SelinuxLevel.Auto)
            return spec.With(Fields.SelinuxLevel, kept);
        var levels = snapshot.Table(() => new Levels(host.Labels().Select(LevelOf).Concat(others().Select(static o => o.Text(Fields.SelinuxLevel))).OfType<string>()));
        return spec.With(Fields.SelinuxLevel, SelinuxLevel.Free(seed, levels));
    }

    public static bool IsLabelled(ObjectValue spec) => spec.Text(Fields.SelinuxType) is not (null or SecurityFields.NoLabel);

    public static bool IsProfiled(ObjectValue spec) => spec.Text(Fields.AppArmorProfile) is not (null or SecurityFields.Unconfined);

    /// <summary>What this host lacks: an error where it is required, else told.</summary>
    public static void Check(Resource resource, ObjectValue spec, ISecurityReader host, ResourceSet set, DiagnosticBag bag)
    {
        SecurityProfiles.CheckRequired(resource.Id, SecurityProfiles.Stated(resource.Spec.Get(Security), set), host,
            layer => resource.Source.At($"{Fields.Require.Path}[{layer}]"), ContainerCodes.LayerMissing, bag);
        foreach (var (path, why) in Unavailable(spec, host))
            bag.Warn(ContainerCodes.Unavailable, $"{resource.Id}: {path} is without effect: {why}", resource.Source.At(path));
    }

    /// <summary>Tells which system calls meet something else than what was applied.</summary>
    /// <param name="recorded">What the mark has; null where there is none.</param>
    public static void TellCalls(Resource resource, ObjectValue spec, ObjectValue? recorded, SeccompFilters filters, DiagnosticBag bag)
    {
        if (recorded is null)
            return;
        var ((before, had), (after, has)) = (Of(recorded), Of(spec));
        if (!before.Equals(after) && filters.Changes(before, had, after, has) is { } changes)
            bag.Warn(ContainerCodes.CallsChange, $"{resource.Id}: system calls: {changes}", resource.Source.At(Fields.Seccomp.Path));

        static (Value Filter, ulong Keep) Of(ObjectValue spec) =>
            (spec.Get(Fields.Seccomp) ?? Fields.Seccomp.Default!, CapabilityType.Mask(((ListValue)(spec.Get(Fields.Keep) ?? Fields.Keep.Default!)).Items));
    }

    /// <summary>What is declared and cannot take effect here, by path, with the reason.</summary>
    public static IEnumerable<(string Path, string Why)> Unavailable(ObjectValue spec, ISecurityReader host)
    {
        if (IsLabelled(spec) && host.Layers[SecurityLayers.Selinux] is { On: false } selinux)
            yield return ("security.selinux", $"SELinux is not on: {selinux.Look}");
        if (IsProfiled(spec) && host.Layers[SecurityLayers.AppArmor] is { On: false } appArmor)
            yield return ("security.appArmor", $"AppArmor is not on: {appArmor.Look}");
    }

    /// <summary>The label's level: <c>s0:c1,c2</c> of <c>system_u:system_r:web_t:s0:c1,c2</c>; null where it has none.</summary>
    public static string? LevelOf(string label) => label.Split(':', 4) is [_, _, _, var level] ? level : null;
}
