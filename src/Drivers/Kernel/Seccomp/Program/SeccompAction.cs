using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Seccomp;

/// <summary>What a filter returns: SECCOMP_RET_* with its data in the low 16 bits (linux/seccomp.h).</summary>
public readonly record struct SeccompAction(uint Value)
{
    public static readonly SeccompAction KillProcess = new(0x80000000);
    public static readonly SeccompAction KillThread = new(0);
    public static readonly SeccompAction Trap = new(0x00030000);
    public static readonly SeccompAction Notify = new(0x7fc00000);
    public static readonly SeccompAction Log = new(0x7ffc0000);
    public static readonly SeccompAction Allow = new(0x7fff0000);

    internal const int EPERM = 1, ENOSYS = 38;

    public static SeccompAction Errno(int errno) => new(0x00050000u | (uint)errno);

    public static SeccompAction Trace(int message) => new(0x7ff00000u | (uint)message);

    /// <summary>Without its data.</summary>
    public uint Kind => Value & 0xffff0000;

    public int Data => (int)(Value & 0xffff);

    public bool IsErrno => Kind == 0x00050000;

    /// <summary>The call is made as if there were no filter.</summary>
    public bool LetsThrough => this == Allow || this == Log;

    /// <summary>The kernel's precedence among stacked filters, seccomp(2): the lesser wins.</summary>
    public int Severity => (int)Kind;

    /// <summary><c>ALLOW</c>, <c>ERRNO EPERM</c>, <c>TRACE 5</c>.</summary>
    public override string ToString() => Kind switch
    {
        0x80000000 => "KILL_PROCESS",
        0 => "KILL_THREAD",
        0x00030000 => Named("TRAP"),
        0x00050000 => $"ERRNO {ErrnoNames.Describe(Data).Split(" (")[0]}",
        0x7fc00000 => "USER_NOTIF",
        0x7ff00000 => Named("TRACE"),
        0x7ffc0000 => "LOG",
        0x7fff0000 => "ALLOW",
        // The kernel takes what it does not know for this.
        _ => $"KILL_PROCESS (unknown action 0x{Value:x8})",
    };

    private string Named(string name) => Data == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} {Data}");
}
