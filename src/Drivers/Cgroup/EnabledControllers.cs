using Provision.Kernel;

namespace Provision.Drivers.Cgroup;

/// <summary>cgroup.subtree_control of cgroup v2: the controllers that a cgroup passes on to those below it.</summary>
internal static class EnabledControllers
{
    public const string File = "cgroup.subtree_control";

    /// <summary>Their names; none where the cgroup is not there.</summary>
    public static string[] Below(ICgroupReader reader, CgroupHierarchy unified, string path) =>
        (reader.Read(unified, path, File) ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
