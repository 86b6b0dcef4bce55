using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>
/// The one form in which manifest and kernel meet. What the kernel cannot tell of a process (its arguments, what was
/// mounted for it) is read from the mark, which holds the spec as it was applied: the same rules bring both into form.
/// </summary>
internal static class ContainerNormal
{
    private static readonly ObjectValue DefaultRoot = new(ObjectValue.Empty.Members
        .Add("host", ObjectValue.Empty).Add("overlay", true).Add("readOnly", false));

    private static readonly ObjectValue BuiltIn = SecurityProfiles.Effective(ObjectValue.Empty);

    /// <summary>A spec with defaults, made whole; pure.</summary>
    public static ObjectValue Whole(ObjectValue effective, string name)
    {
        if (effective.Get(Rootfs) is null)
            effective = effective.With(Rootfs, DefaultRoot);
        if (effective.Get(ContainerSecurity.Security) is null)
            effective = effective.With(ContainerSecurity.Security, BuiltIn);
        if (effective.Text(Uts) == NamespaceType.Private && effective.Text(Hostname) is null)
            effective = effective.With(Hostname, name);
        return effective;
    }

    /// <summary>A spec that a mark recorded, perhaps by a version that had fewer fields.</summary>
    public static ObjectValue Recorded(ObjectValue recorded, string name) =>
        Whole(EffectiveSpec.Fill(ContainerSchema.Schema.Fields, recorded).With(ContainerSecurity.Fields.Require, null), name);
}
