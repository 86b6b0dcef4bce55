using System.Runtime.InteropServices;

namespace Provision.Kernel.Terminals;

/// <summary>The system calls of terminals (ioctl_tty(2)); the numbers are the same on x86-64 and arm64.</summary>
internal static unsafe partial class TerminalNative
{
    public const nuint GetAttributes = 0x5401, SetAttributesDrained = 0x5403; // TCGETS, TCSETSW
    public const nuint GetSize = 0x5413, SetSize = 0x5414; // TIOCGWINSZ, TIOCSWINSZ
    public const int FcntlGetStatus = 3, FcntlSetStatus = 4; // F_GETFL, F_SETFL
    public const int SigStop = 19;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int file, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int file, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int raise(int signal);

    /// <summary>struct termios as the kernel has it (asm-generic/termbits.h), 36 bytes: not the C library's.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Attributes
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Local;
        public byte Discipline;
        public fixed byte Characters[19];
    }

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Size
    {
        public ushort Rows;
        public ushort Columns;
        public ushort WidthInPixels;
        public ushort HeightInPixels;
    }
}
