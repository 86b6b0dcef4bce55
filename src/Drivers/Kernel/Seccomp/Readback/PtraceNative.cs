using System.Runtime.InteropServices;

namespace Provision.Kernel.Seccomp;

/// <summary>ptrace(2) and waitpid(2), as libc has them; errno through <see cref="Sys.LastError"/>.</summary>
internal static unsafe partial class PtraceNative
{
    public const int Seize = 0x4206, Interrupt = 0x4207, Detach = 17, GetFilter = 0x420c; // PTRACE_*
    public const int NoSuchProcess = 3; // ESRCH
    public const int NoClassicProgram = 124; // EMEDIUMTYPE
    public const int WaitAny = 0x40000000, WaitNoHang = 1; // __WALL, WNOHANG

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint ptrace(nint request, nint task, nint address, void* data);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int task, int* status, int options);
}
