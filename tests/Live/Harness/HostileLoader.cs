using System.Buffers.Binary;

namespace Provision.Testing;

/// <summary>
/// What a hostile container puts in place of the dynamic loader: x86-64 code that waits for ever. The kernel runs it for
/// any program of the host's that is executed inside.
/// </summary>
internal static class HostileLoader
{
    private const int HeaderSize = 64, ProgramHeaderSize = 56, PageSize = 0x1000;

    // mov eax, 34 (pause); syscall; jmp back.
    private static readonly byte[] Code = [0xB8, 34, 0, 0, 0, 0x0F, 0x05, 0xEB, 0xF7];

    /// <summary>Writes it where an x86-64 program looks for its loader.</summary>
    public static void Install(string root)
    {
        var path = Path.Combine(root, "lib64/ld-linux-x86-64.so.2");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Program());
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    // An ELF file of one segment, all of it, readable and executable. It ends with a page: what is left of the last one
    // older kernels (6.1) fill with zeros, which a segment that cannot be written does not survive (EFAULT).
    private static byte[] Program()
    {
        var file = new byte[PageSize];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        void Put16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
        void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
        Put16(16, 3); // ET_DYN
        Put16(18, 62); // EM_X86_64
        file[20] = 1;
        Put64(24, HeaderSize + ProgramHeaderSize); // entry
        Put64(32, HeaderSize); // program headers
        Put16(52, HeaderSize);
        Put16(54, ProgramHeaderSize);
        Put16(56, 1);
        file[HeaderSize] = 1; // PT_LOAD
        file[HeaderSize + 4] = 5; // PF_R | PF_X
        Put64(HeaderSize + 32, (ulong)file.Length);
        Put64(HeaderSize + 40, (ulong)file.Length);
        Put64(HeaderSize + 48, PageSize);
        Code.CopyTo(file, HeaderSize + ProgramHeaderSize);
        return file;
    }
}
