using System.Collections.Immutable;

namespace Provision.Kernel.Sandbox;

/// <summary>Capabilities by number and by name (linux/capability.h, capabilities(7)).</summary>
public static class Capability
{
    /// <summary>In the kernel's order, so that the index is the number.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>Every capability that has a name here.</summary>
    public static readonly ulong All = (1UL << Names.Length) - 1;

    /// <summary>The fourteen that Docker and containerd leave a container.</summary>
    public static readonly ulong Docker = Mask(
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ]);

    /// <summary>The number of a name, with or without <c>CAP_</c>, in any case; null when there is none.</summary>
    public static int? Number(string name)
    {
        var full = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name : "CAP_" + name;
        for (var i = 0; i < Names.Length; i++)
            if (Names[i].Equals(full, StringComparison.OrdinalIgnoreCase))
                return i;
        return null;
    }

    /// <exception cref="ArgumentException">A name is not known.</exception>
    public static ulong Mask(IEnumerable<string> names) =>
        names.Aggregate(0UL, static (mask, name) =>
            mask | (1UL << (Number(name) ?? throw new ArgumentException($"{name} is no capability"))));

    /// <summary>Names of the bits of a mask in ascending order; <c>41</c> for a bit without a name here.</summary>
    public static IEnumerable<string> NamesOf(ulong mask)
    {
        for (var i = 0; i < 64; i++)
            if ((mask & (1UL << i)) != 0)
                yield return i < Names.Length ? Names[i] : i.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
