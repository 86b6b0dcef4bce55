using System.Collections.Immutable;
using Provision.Drivers.SecurityProfile;
using Provision.Kernel;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>
/// What confines a container, declared once: the spec of a SecurityProfile and the profile that a container writes out
/// itself. A field belongs to one place, so each of the two has a copy of its own.
/// </summary>
internal sealed class SecurityFields
{
    public const string DefaultFilter = "default", Unconfined = "unconfined", NoLabel = "none";

    public SecurityFields() => All =
    [
        new Field("capabilities", new ObjectType([Keep, Ambient]), "Capabilities (capabilities(7))."),
        NoNewPrivileges, Seccomp, MaskedPaths, ReadonlyPaths,
        new Field("selinux", new ObjectType([SelinuxType, SelinuxLevel]), "The label that the program runs with, where SELinux is on (told where it is not)."),
        new Field("appArmor", new ObjectType([AppArmorProfile]), "What confines the program where AppArmor is on (told where it is not)."),
        Require,
    ];

    public Field Keep { get; } = new("keep", Capabilities(),
        "The bounding set; for user 0 also what it has. [] keeps none. What another user should hold goes into ambient.")
    { Default = CapabilityType.List(Capability.Docker), DefaultDoc = "the fourteen that Docker keeps" };

    public Field Ambient { get; } = new("ambient", Capabilities(), "What a program of another user than 0 holds; a part of keep.") { Default = ListValue.Empty };

    public Field NoNewPrivileges { get; } = new("noNewPrivileges", Types.Bool, "No program gains privileges by being run (PR_SET_NO_NEW_PRIVS).") { Default = true };

    public Field Seccomp { get; } = new("seccomp",
        new UnionType(Types.Word(DefaultFilter, Unconfined), SeccompFields.File(), SeccompFields.Profile()),
        "Which system calls are let through: the built-in filter (that of Docker, with listed differences), all of them, a profile in JSON beside the manifest, or one that is written out as OCI has it.")
    { Default = DefaultFilter, Brief = SeccompFields.Brief };

    public Field MaskedPaths { get; } = new("maskedPaths", Paths(), "Paths inside that read as empty.")
    { Default = List(SecuritySpec.Default.MaskedPaths), DefaultDoc = "Docker's: /proc/kcore, /proc/keys, /sys/firmware and their like" };

    public Field ReadonlyPaths { get; } = new("readonlyPaths", Paths(), "Paths inside that cannot be written.")
    { Default = List(SecuritySpec.Default.ReadonlyPaths), DefaultDoc = "Docker's: /proc/bus, /proc/fs, /proc/irq, /proc/sys, /proc/sysrq-trigger" };

    public Field SelinuxType { get; } = new("type", Types.Text("^[A-Za-z_][A-Za-z0-9_.]*$", "a type of the loaded policy, or none", 255),
        "Type of the label system_u:system_r:TYPE:LEVEL.")
    { Default = NoLabel, DefaultDoc = "none: whatever the policy gives to a program that Provision starts" };

    public Field SelinuxLevel { get; } = new("level", Drivers.SelinuxLevel.Instance,
        "Level of the label; auto: a pair of categories that no other process has, kept for the container's life.")
    { Default = Drivers.SelinuxLevel.Auto };

    public Field AppArmorProfile { get; } = new("profile", Types.Text(@"^[^\s\x00-\x1f]+$", "the name of a loaded profile, or unconfined", 255), "A profile that is loaded.")
    { Default = Unconfined };

    public Field Require { get; } = new("require",
        new ListType(Types.Word([.. SecurityLayers.Names]), static item => item.ToString()!, "layer"),
        "Layers without which nothing of it is started: exit code 6, before anything is changed.")
    { Default = ListValue.Empty, NotObserved = true };

    /// <summary>The members of a profile.</summary>
    public ImmutableArray<Field> All { get; }

    private static ListType Capabilities() => new(CapabilityType.Instance, static item => item.ToString()!, "name");

    private static ListType Paths() => new(Types.AbsolutePath, static item => item.ToString()!, "path");

    private static ListValue List(IEnumerable<string> paths) => new([.. paths.Order(StringComparer.Ordinal).Select(static p => (Value)p)]);
}
