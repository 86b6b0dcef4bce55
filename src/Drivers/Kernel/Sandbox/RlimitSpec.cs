namespace Provision.Kernel.Sandbox;

/// <summary>RLIMIT_* of getrlimit(2), with the kernel's numbers (the same on x86-64 and arm64).</summary>
public enum RlimitResource
{
    Cpu = 0,
    Fsize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    Rss = 5,
    Nproc = 6,
    Nofile = 7,
    Memlock = 8,
    As = 9,
    Locks = 10,
    Sigpending = 11,
    Msgqueue = 12,
    Nice = 13,
    Rtprio = 14,
    Rttime = 15,
}

/// <param name="Soft">In the resource's own unit; <see cref="Infinity"/> for none.</param>
public sealed record RlimitSpec(RlimitResource Resource, ulong Soft, ulong Hard)
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Infinity = ulong.MaxValue;
}

/// <param name="Name">With dots, as sysctl(8) has it: <c>net.ipv4.ip_forward</c>.</param>
public sealed record SysctlSpec(string Name, string Value);
