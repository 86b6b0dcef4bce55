using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>
/// Names of the extended attributes that make a cgroup ours, below <c>trusted.provision.</c>: readable and
/// writable by CAP_SYS_ADMIN in the initial user namespace alone, so a delegate of a cgroup cannot forge them.
/// </summary>
public static class CgroupMarks
{
    public const string Prefix = "trusted.provision.";

    /// <summary>The instance; on its root directory the only mark.</summary>
    public const string Instance = "instance";

    public const string Stack = "stack";

    /// <summary>Kind and name. Written last: a directory without it is an unfinished creation.</summary>
    public const string Resource = "resource";

    /// <summary>The spec last applied, canonical JSON.</summary>
    public const string Spec = "spec";

    /// <summary>Left on a cgroup that Provision made and let go of: it is nobody's unfinished creation.</summary>
    public const string Released = "released";

    /// <summary>On an instance's root: controllers that Provision enabled in the hierarchy's own root.</summary>
    public const string Enabled = "enabled";

    /// <summary>In the order in which they are written.</summary>
    public static readonly ImmutableArray<string> All = [Released, Enabled, Instance, Stack, Spec, Resource];
}
