using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>What confines a container: by the name of a SecurityProfile, or written out.</summary>
internal static class SecurityFields
{
    public const string DefaultFilter = "default", Unconfined = "unconfined";

    public static readonly Field Keep = new("keep", Capabilities(),
        "The bounding set; for user 0 also what it has. [] keeps none. What another user should hold goes into ambient.")
    { Default = CapabilityType.List(Capability.Docker), DefaultDoc = "the fourteen that Docker keeps" };

    public static readonly Field Ambient = new("ambient", Capabilities(), "What a program of another user than 0 holds; a part of keep.") { Default = ListValue.Empty };

    public static readonly Field NoNewPrivileges = new("noNewPrivileges", Types.Bool, "No program gains privileges by being run (PR_SET_NO_NEW_PRIVS).") { Default = true };

    public static readonly Field Seccomp = new("seccomp", Types.Word(DefaultFilter, Unconfined), "Which system calls are let through: the built-in filter (that of Docker, with listed differences), or all of them.") { Default = DefaultFilter };

    public static readonly Field MaskedPaths = new("maskedPaths", Paths(), "Paths inside that read as empty.")
    { Default = List(SecuritySpec.Default.MaskedPaths), DefaultDoc = "Docker's: /proc/kcore, /proc/keys, /sys/firmware and their like" };

    public static readonly Field ReadonlyPaths = new("readonlyPaths", Paths(), "Paths inside that cannot be written.")
    { Default = List(SecuritySpec.Default.ReadonlyPaths), DefaultDoc = "Docker's: /proc/bus, /proc/fs, /proc/irq, /proc/sys, /proc/sysrq-trigger" };

    /// <summary>The members of a profile that is written out.</summary>
    public static readonly ObjectType Inline = new(
        [new Field("capabilities", new ObjectType([Keep, Ambient]), "Capabilities (capabilities(7))."), NoNewPrivileges, Seccomp, MaskedPaths, ReadonlyPaths]);

    public static readonly Field Security = new("security", new UnionType(Types.Reference("SecurityProfile"), Inline),
        "What confines the container: the name of a SecurityProfile, or a profile written out.")
    { DefaultDoc = "the built-in profile: Docker's capabilities, filter of system calls and paths, no new privileges", ReplaceReason = ContainerReasons.Confined };

    private static ListType Capabilities() => new(CapabilityType.Instance, static item => item.ToString()!, "name");

    private static ListType Paths() => new(Types.AbsolutePath, static item => item.ToString()!, "path");

    private static ListValue List(IEnumerable<string> paths) => new([.. paths.Order(StringComparer.Ordinal).Select(static p => (Value)p)]);
}
