// Written by scripts/syscall-tables.sh.
namespace Provision.Kernel.Seccomp;

internal static partial class SyscallData
{
    /// <summary>Debian's version of the kernel headers that the tables were made from.</summary>
    public const string Version = "7.2.13-1";
}
