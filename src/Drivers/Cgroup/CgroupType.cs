namespace Provision.Drivers.Cgroup;

/// <summary>cgroup.type of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, "Threads"); the hierarchy's own root has none.</summary>
internal static class CgroupType
{
    public const string File = "cgroup.type";

    /// <summary>Holds processes and passes every controller on; the others are threaded, above threaded ones, or invalid.</summary>
    public const string Domain = "domain";

    public const string Threaded = "threaded";
}
