using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Runtime;

/// <summary>
/// The mounts of a bundle. /proc and /sys come after all others: a link in a hostile root that leads there ends in the
/// root's own directory, which they cover.
/// </summary>
internal static class RuntimeMounts
{
    /// <summary>The slot of devpts, which terminals are opened in.</summary>
    public const string Pts = "pts";

    /// <summary>In the order in which they are made, with their slots.</summary>
    public static IEnumerable<(RuntimeMount Mount, string Slot)> Ordered(RuntimeSpec spec) =>
        spec.Mounts.Select(static (m, i) => (Mount: m, Slot: m is { Type: "devpts", Target: "/dev/pts" } ? Pts : $"mount{i}"))
            .OrderBy(static m => IsKernels(m.Mount.Target));

    /// <summary>True where nodes of devices are made.</summary>
    public static bool OwnsDev(RuntimeSpec spec) => spec.Mounts.LastOrDefault(static m => m.Target == "/dev") is { Type: not RuntimeMount.Bind };

    public static bool HasTerminals(RuntimeSpec spec) => Ordered(spec).Any(static m => m.Slot == Pts);

    /// <summary>The host's sysfs, read-only: who does not own the network namespace may not mount its own.</summary>
    public static bool BindsSys(RuntimeSpec spec, RuntimeMount mount) => mount.Type == "sysfs" && ProcSteps.BindsSys(spec.Sandbox);

    /// <summary>The slot of a cgroup's directory in a hierarchy.</summary>
    public static string CgroupSlot(string slot, int hierarchy) => $"{slot}-{hierarchy}";

    /// <param name="last">Those in /proc and /sys, or all others.</param>
    public static void Make(StepList to, RuntimeSpec spec, SandboxHost host, bool last)
    {
        foreach (var (mount, slot) in Ordered(spec))
            if (IsKernels(mount.Target) == last)
                Make(to, spec, mount, slot, host);
    }

    private static void Make(StepList to, RuntimeSpec spec, RuntimeMount mount, string slot, SandboxHost host)
    {
        var hierarchies = mount.Type == RuntimeMount.Cgroup ? spec.Sandbox.CgroupDirectories : [];
        if (hierarchies.Count == 1)
        {
            Place(to, mount, CgroupSlot(slot, 0), bind: false);
            return;
        }

        if (hierarchies.Count > 1)
            Mounting.Make(to, "tmpfs", MountAttr.NoSuid | MountAttr.NoDev | MountAttr.NoExec, slot, ("source", "tmpfs"), ("mode", "755"));
        else if (mount.Type != RuntimeMount.Bind && !BindsSys(spec, mount))
            Mounting.Make(to, mount.Type, (MountAttr)mount.Set, slot,
                [.. mount.Source is { } source ? new[] { ("source", (string?)source) } : [], .. mount.Options.Select(static o => (o.Key, o.Value))]);
        Place(to, mount, slot, mount.Type == RuntimeMount.Bind);
        for (var i = 0; i < hierarchies.Count; i++)
        {
            var name = NameOf(hierarchies[i], host);
            Mounting.Directory(to, slot, name);
            Mounting.Attach(to, CgroupSlot(slot, i), slot, name);
        }

        if (hierarchies.Count > 1 && mount.Set.HasFlag(MountAttr.RdOnly))
            to.Add(SystemCall.MountSetAttr, Slots.Of(slot), "", EmptyPath, SetAttr(MountAttr.RdOnly), AttrSize);
    }

    private static void Place(StepList to, RuntimeMount mount, string slot, bool bind)
    {
        var parts = Mounting.Relative(mount.Target).Split('/');
        if (parts is ["proc" or "sys" or "dev"])
        {
            Mounting.AttachTop(to, slot, parts[0]);
        }
        else
        {
            var making = MountSteps.MakePlace(bind ? slot : null, parts);
            to.Add(Mounting.Find(mount.Target, InRoot) with { Passes = [Errno.ENOENT], SkipDone = making.Count });
            foreach (var step in making)
                to.Add(step);
            Mounting.AttachOn(to, slot, Slots.Target);
        }

        if (!bind && mount.Propagation != MountPropagation.Unchanged)
            to.Add(SystemCall.MountSetAttr, Slots.Of(slot), "", EmptyPath, Propagate(mount.Propagation), AttrSize);
    }

    /// <summary>struct mount_attr that sets a propagation.</summary>
    public static Argument Propagate(MountPropagation propagation)
    {
        var content = new byte[AttrSize];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(16), (ulong)propagation);
        return Argument.Structure(content, $"{{propagation MS_{propagation.ToString().ToUpperInvariant()}}}");
    }

    private static bool IsKernels(string target) =>
        target is "/proc" or "/sys" || target.StartsWith("/proc/", StringComparison.Ordinal) || target.StartsWith("/sys/", StringComparison.Ordinal);

    private static string NameOf(string directory, SandboxHost host) =>
        Path.GetFileName(host.CgroupMounts.First(m => directory.StartsWith(m + "/", StringComparison.Ordinal)));
}
