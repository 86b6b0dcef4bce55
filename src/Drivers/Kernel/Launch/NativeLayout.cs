using System.Runtime.InteropServices;

namespace Provision.Kernel.Launch;

/// <summary>struct step of launch.c, which asserts the same offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStep
{
    public const int NoSlot = -1;

    /// <summary>In place of a number: start a program (arguments: clone_args, its size, the program).</summary>
    public const long Launch = -1;

    public long Number;
    public fixed long Arguments[6];
    public fixed short Slots[6];
    public short Result;
    public fixed short Passes[2];
    public short SkipPassed;
    public short SkipDone;
    public short Tries;
    public int Done;
    public int Error;
}

/// <summary>struct program of launch.c.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeProgram
{
    public NativeStep* Steps;
    public long* Slots;
    public int Count;
    public int At;
    public int Failed;
    public int Error;
}

/// <summary>struct clone_args, version 2 (linux/sched.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CloneArgs
{
    public ulong Flags;
    public int* PidFd;
    public ulong ChildTid;
    public ulong ParentTid;
    public ulong ExitSignal;
    public byte* Stack;
    public ulong StackSize;
    public ulong Tls;
    public ulong SetTid;
    public ulong SetTidSize;
    public ulong Cgroup;
}
