using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary><c>linux.namespaces</c> and what depends on them.</summary>
internal static class NamespaceMembers
{
    public static readonly string[] Types = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"];

    private static readonly string[] IpcSysctls =
        ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];

    /// <summary>One that is not named is that of whoever runs the container.</summary>
    public static NamespaceSet Read(Member linux)
    {
        var found = new Dictionary<string, NamespaceChoice>(StringComparer.Ordinal);
        foreach (var member in linux["namespaces"].Items())
        {
            var type = member["type"].Required();
            var path = member["path"].Filled();
            if (!Types.Contains(type))
                member["type"].Refuse($"must be one of {string.Join(", ", Types)}");
            else if (!found.TryAdd(type, path is null ? NamespaceChoice.Private : new NamespaceChoice(NamespaceKind.Path, path)))
                member["type"].Refuse($"{type} is there twice");
            if (path?.StartsWith('/') == false)
                member["path"].Refuse("must be an absolute path");
            if (path is not null && type is "mount" or "time")
                member["path"].Refuse($"a {type} namespace is not joined");
        }

        if (found.GetValueOrDefault("mount") is null)
            linux["namespaces"].Refuse("a container has a mount namespace of its own");
        NamespaceChoice Of(string type) => found.GetValueOrDefault(type, NamespaceChoice.Host);
        return new NamespaceSet
        {
            Pid = Of("pid"),
            Net = Of("network"),
            Ipc = Of("ipc"),
            Uts = Of("uts"),
            Mnt = Of("mount"),
            Cgroup = Of("cgroup"),
            User = Of("user"),
            Time = Of("time"),
        };
    }

    public static IdMaps? Maps(Member linux, NamespaceSet set)
    {
        if (set.User.Kind != NamespaceKind.Private)
            return null;
        return new IdMaps(Ranges(linux["uidMappings"]), Ranges(linux["gidMappings"]));
    }

    public static IReadOnlyList<SysctlSpec> Sysctls(Member sysctls, NamespaceSet set)
    {
        List<SysctlSpec> all = [];
        foreach (var (name, member) in sysctls.Members())
        {
            var dotted = name.Replace('/', '.');
            var owned = dotted.Split('.').Any(static p => p is "" or "..") ? false
                : dotted.StartsWith("net.", StringComparison.Ordinal) ? set.Net.Kind != NamespaceKind.Host
                : dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal) || IpcSysctls.Contains(dotted) ? set.Ipc.Kind != NamespaceKind.Host
                : dotted == "kernel.domainname" && set.Uts.Kind != NamespaceKind.Host;
            if (!owned)
                member.Refuse("it does not belong to a namespace of the container's own");
            all.Add(new SysctlSpec(name, member.Text() ?? ""));
        }

        return all;
    }

    private static IReadOnlyList<IdRange> Ranges(Member mappings)
    {
        if (mappings.IsEmpty)
            mappings.Refuse("is missing: a user namespace has maps");
        return [.. mappings.Items().Select(static m => new IdRange(m["containerID"].Small() ?? 0, m["hostID"].Small() ?? 0, m["size"].Small() ?? 0))];
    }
}
