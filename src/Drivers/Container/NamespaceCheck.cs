using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>Namespaces, what needs a private one, and id maps.</summary>
internal static class NamespaceCheck
{
    private const long LastId = uint.MaxValue - 1;

    // UID_GID_MAP_MAX_EXTENTS.
    private const int MostRanges = 340;

    public static void Check(ContainerProblems check, ResourceSet set)
    {
        Choices(check);
        Owners(check, set);
        if (check.Text(Net) != NamespaceType.Private && !check.Spec.List(NetworkFields.Networks).IsEmpty)
            check.Error(ContainerCodes.NeedsPrivate, NetworkFields.Networks.Path, $"networks belong to a private network namespace, and namespaces.net is {check.Text(Net)}");
        if (check.Text(Uts) != NamespaceType.Private && check.Spec.Text(Hostname) is not null)
            check.Error(ContainerCodes.NeedsPrivate, Hostname.Path, $"hostname belongs to a private UTS namespace, and namespaces.uts is {check.Text(Uts)}");
        foreach (var name in (check.Spec.Get(Sysctls) as ObjectValue)?.Members.Keys ?? [])
            Sysctl(check, name);
        Maps(check);
    }

    private static void Choices(ContainerProblems check)
    {
        if (check.Text(Mnt) != NamespaceType.Private)
            check.Error(ContainerCodes.Namespace, Mnt.Path, "namespaces.mnt can only be private: a container has a root of its own");
        if (check.Text(Time) is not (NamespaceType.Private or NamespaceType.Host))
            check.Error(ContainerCodes.Namespace, Time.Path, "a time namespace cannot be joined: the kernel refuses it to a process that shares memory, as every one does until it executes",
                "use private or host");
    }

    // Only who owns a pid namespace may mount its /proc, and the owner is the user namespace that it was made in.
    private static void Owners(ContainerProblems check, ResourceSet set)
    {
        var (user, pid) = (check.Text(UserNamespace)!, check.Text(Pid)!);
        if (NamespaceType.Container(user) is { } owner && set.Find(new ResourceId(ContainerSchema.Kind, owner)) is { } other
            && (other.Spec.Text(UserNamespace) ?? NamespaceType.Host) == NamespaceType.Host)
            check.Error(ContainerCodes.Namespace, UserNamespace.Path, $"Container/{owner} is in the host's user namespace: there is none of its own to join", "use host");
        if (user == NamespaceType.Host || pid == NamespaceType.Private || pid == user)
            return;
        if (pid == NamespaceType.Host || user == NamespaceType.Private || NamespaceType.Path(pid) is null != NamespaceType.Path(user) is null
            || NamespaceType.Container(pid) is not null)
            check.Error(ContainerCodes.Namespace, Pid.Path, $"namespaces.pid {pid} does not go with namespaces.user {user}: only who owns a pid namespace may mount its /proc",
                "use pid: private, or the same container's for both");
    }

    private static void Sysctl(ContainerProblems check, string name)
    {
        var path = $"{Sysctls.Path}[{name}]";
        var parts = name.Split('.');
        if (parts.Any(static p => p.Length == 0 || p.Contains('/')))
            check.Error(ContainerCodes.Sysctl, path, $"{Shown.Text(name)} is not the dotted name of a sysctl such as net.ipv4.ip_forward");
        else if (name is "kernel.hostname" or "kernel.domainname")
            check.Error(ContainerCodes.Sysctl, path, $"{name} is not set as a sysctl", "use spec.hostname");
        else if (Owner(name) is not { } owner)
            check.Error(ContainerCodes.Sysctl, path, $"{name} is the whole host's: a container has only those of its network (net.*) and IPC namespaces");
        else if (check.Text(owner) != NamespaceType.Private)
            check.Error(ContainerCodes.Sysctl, path, $"{name} belongs to a private namespace, and {owner.Path} is {check.Text(owner)}: it would change for others");
    }

    // ipc_sysctl.c and mq_sysctl.c; everything below net is the network namespace's or read-only there.
    private static Field? Owner(string name) => name switch
    {
        _ when name.StartsWith("net.", StringComparison.Ordinal) => Net,
        _ when name.StartsWith("fs.mqueue.", StringComparison.Ordinal) => Ipc,
        "kernel.msgmax" or "kernel.msgmnb" or "kernel.msgmni" or "kernel.sem" or "kernel.shmall" or "kernel.shmmax" or "kernel.shmmni"
            or "kernel.shm_rmid_forced" => Ipc,
        _ => null,
    };

    private static void Maps(ContainerProblems check)
    {
        var isPrivate = check.Text(UserNamespace) == NamespaceType.Private;
        foreach (var (map, what) in new[] { (UidMap, "users"), (GidMap, "groups") })
        {
            var ranges = check.Spec.Objects(map).ToList();
            if (isPrivate && ranges.Count == 0)
                check.Error(ContainerCodes.IdMapMissing, UserNamespace.Path, $"with user: private it needs {map.Path}: without one it has no {what}");
            if (!isPrivate && ranges.Count > 0)
                check.Error(ContainerCodes.IdMapMissing, map.Path, $"{map.Path} maps the {what} of a user namespace, and namespaces.user is {check.Text(UserNamespace)}",
                    "add namespaces: {user: private}");
            if (isPrivate && ranges.Count > 0 && !ranges.Exists(static r => First(r, "container") == 0))
                check.Error(ContainerCodes.IdNotMapped, map.Path, $"{map.Path} does not map 0 of the {what} inside, who makes the container's root");
            Ranges(check, map, ranges);
        }

        if (!isPrivate)
            return;
        Mapped(check, UidMap, Uid.Path, check.Effective(Uid));
        Mapped(check, GidMap, Gid.Path, check.Effective(Gid));
        foreach (var group in check.Spec.List(Groups).OfType<NumberValue>())
            Mapped(check, GidMap, $"{Groups.Path}[{group}]", group);
    }

    private static void Ranges(ContainerProblems check, Field map, List<ObjectValue> ranges)
    {
        if (ranges.Count > MostRanges)
            check.Error(ContainerCodes.IdRanges, map.Path, $"{map.Path} has {ranges.Count} ranges; the kernel takes {MostRanges}");
        foreach (var side in new[] { "container", "host" })
        {
            var ascending = ranges.OrderBy(r => First(r, side)).ToList();
            for (var i = 0; i < ascending.Count; i++)
            {
                var path = $"{map.Path}[{ascending[i]["container"]}]";
                var last = First(ascending[i], side) + Count(ascending[i]) - 1;
                if (last > LastId)
                    check.Error(ContainerCodes.IdRanges, path, $"{path} runs to {last}, beyond the last id {LastId}");
                else if (i + 1 < ascending.Count && last >= First(ascending[i + 1], side))
                    check.Error(ContainerCodes.IdRanges, $"{map.Path}[{ascending[i + 1]["container"]}]",
                        $"the {side} ranges {First(ascending[i], side)}+{Count(ascending[i])} and {First(ascending[i + 1], side)}+{Count(ascending[i + 1])} of {map.Path} overlap");
            }
        }
    }

    private static void Mapped(ContainerProblems check, Field map, string path, NumberValue id)
    {
        var ranges = check.Spec.Objects(map).ToList();
        if (ranges.Count > 0 && !ranges.Exists(r => id.Number >= First(r, "container") && id.Number < First(r, "container") + Count(r)))
            check.Error(ContainerCodes.IdNotMapped, path, $"{path} {id} is not in {map.Path}");
    }

    private static long First(ObjectValue range, string side) => ((NumberValue)range[side]!).Number;

    private static long Count(ObjectValue range) => ((NumberValue)range["count"]!).Number;
}
