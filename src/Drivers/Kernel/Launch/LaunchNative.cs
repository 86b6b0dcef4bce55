using System.Runtime.InteropServices;

namespace Provision.Kernel.Launch;

/// <summary>The launcher's loop and the calls around it.</summary>
internal static unsafe partial class LaunchNative
{
    public const int PidFdWait = 3; // P_PIDFD
    public const int PidWait = 1; // P_PID
    public const int NoHang = 1;
    public const int Exited = 4;
    public const int GetDumpable = 3;
    public const int SetDumpable = 4;
    public const long PidFdSendSignal = 424;
    public const long PidFdOpen = 434;

    [LibraryImport("provision-launch")]
    public static partial long provision_launch(CloneArgs* args, long size, NativeProgram* program);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int type, uint id, SigInfo* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long syscall(long number, long a, long b, long c, long d);

    /// <summary>siginfo_t as waitid(2) fills it, 128 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SigInfo
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(16)]
        public int Pid;

        [FieldOffset(24)]
        public int Status;
    }
}
