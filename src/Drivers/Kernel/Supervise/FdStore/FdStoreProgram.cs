using System.Buffers.Binary;
using System.Globalization;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Supervise;

/// <summary>
/// A process that does nothing and holds two descriptors, 0 and 1. Its executable is made here: an ELF file of one
/// segment (elf(5)) whose code waits for signals for ever, so that it costs a page and no runtime.
/// </summary>
internal static class FdStoreProgram
{
    /// <summary>Inputs: what becomes descriptor 0 and 1, and an open cgroup file each to write "0" to.</summary>
    public const string First = "first", Second = "second";

    private const int HeaderLength = 64, SegmentLength = 56, Segments = 2;
    private const ulong Address = 0x400000, Alignment = 0x10000;

    // 1: mov eax, SYS_pause; syscall; jmp 1b
    private static readonly byte[] X64 = [0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7];

    // 1: mov x0..x3, #0; mov x8, SYS_ppoll; svc #0; b 1b
    private static readonly uint[] Arm64 = [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa];

    public static string Join(int index) => "join" + index.ToString(CultureInfo.InvariantCulture);

    /// <param name="executable">The number of the descriptor that holds <see cref="Executable"/>.</param>
    /// <param name="instance">Told by ps(1).</param>
    /// <param name="cgroups">How many cgroup files it joins.</param>
    public static LaunchProgram Compile(int executable, string instance, int cgroups)
    {
        var to = new StepList();
        for (var i = 0; i < cgroups; i++)
            to.Add(SystemCall.Write, Slots.Of(Join(i)), "0", 1);
        to.Add(SystemCall.SetSid);
        ExecSteps.Stdio(to, First, Second);
        to.Add(SystemCall.CloseRange, 2, Argument.Named("~0U", uint.MaxValue), Argument.Named("CLOSE_RANGE_CLOEXEC", 4));
        to.Add(SystemCall.SigProcMask, Argument.Named("SIG_SETMASK", 2), Argument.Structure(new byte[8], "[]"), Argument.Null, 8);
        to.Add(SystemCall.Execve, string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{executable}"),
            Argument.Vector(["provision-fdstore", "--instance", instance]), Argument.Environment([]));
        return new LaunchProgram("fd store", CloneFlags.None, [First, Second, .. Enumerable.Range(0, cgroups).Select(Join)], to.ToImmutable());
    }

    /// <summary>The executable's content.</summary>
    public static byte[] Executable(bool arm64)
    {
        var code = arm64 ? Arm64.SelectMany(BitConverter.GetBytes).ToArray() : X64;
        const int begin = HeaderLength + (Segments * SegmentLength);
        var file = new byte[begin + code.Length];
        var at = file.AsSpan();
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(at); // 64 bits, little-endian, version 1
        BinaryPrimitives.WriteUInt16LittleEndian(at[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(at[18..], (ushort)(arm64 ? 183 : 62)); // EM_AARCH64, EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(at[24..], Address + begin);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(at[52..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(at[54..], SegmentLength);
        BinaryPrimitives.WriteUInt16LittleEndian(at[56..], Segments);
        Segment(at[HeaderLength..], 1, 5, Address, (ulong)file.Length, Alignment); // PT_LOAD, read and execute
        Segment(at[(HeaderLength + SegmentLength)..], 0x6474e551, 6, 0, 0, 16); // PT_GNU_STACK, read and write
        code.CopyTo(at[begin..]);
        return file;
    }

    private static void Segment(Span<byte> at, uint type, uint flags, ulong address, ulong length, ulong alignment)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, type);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(at[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(at[24..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(at[40..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(at[48..], alignment);
    }
}
