using System.Buffers.Binary;

namespace Provision.Kernel.Supervise;

/// <summary>The linker's digest of a program (NT_GNU_BUILD_ID, elf(5)) with the file's length: equal for one build alone.</summary>
internal static unsafe class BuildId
{
    // A header, its program headers and its notes lie in the first page of what a linker writes.
    private const int Head = 4096;
    private const int ProgramHeader = 56;
    private const int ProgramHeadersAt = 32, CountAt = 56;
    private const uint Note = 4; // PT_NOTE
    private const uint Id = 3; // NT_GNU_BUILD_ID
    private const int NoteHeader = 12;
    private const int SeekEnd = 2;

    /// <summary>Null for what is no 64-bit ELF file or has no such note. Leaves the file's position at its end.</summary>
    public static string? Of(Fd file)
    {
        var head = stackalloc byte[Head];
        if (Logs.LogNative.lseek(file.Number, 0, 0) != 0)
            return null;
        var got = Sys.Read(file.Number, head, Head);
        var length = Logs.LogNative.lseek(file.Number, 0, SeekEnd);
        return got > 0 && Parse(new ReadOnlySpan<byte>(head, (int)got)) is { } id ? $"{id}+{length}" : null;
    }

    /// <summary>From the beginning of a file.</summary>
    internal static string? Parse(ReadOnlySpan<byte> head)
    {
        if (head.Length < 64 || !head.StartsWith("\u007fELF\u0002\u0001"u8))
            return null;
        var headers = BinaryPrimitives.ReadUInt64LittleEndian(head[ProgramHeadersAt..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(head[CountAt..]);
        for (var i = 0; i < count; i++)
            if (Part(head, headers + ((ulong)i * ProgramHeader), ProgramHeader) is { IsEmpty: false } header
                && BinaryPrimitives.ReadUInt32LittleEndian(header) == Note
                && InNotes(Part(head, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), BinaryPrimitives.ReadUInt64LittleEndian(header[32..]))) is { } id)
                return id;
        return null;
    }

    // Each note: lengths of name and content, a type, the name and the content, each filled up to four bytes.
    private static string? InNotes(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= NoteHeader)
        {
            var name = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            var content = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            if (name > Head || content > Head)
                return null;
            var at = NoteHeader + (int)((name + 3) & ~3U);
            var end = at + (int)((content + 3) & ~3U);
            if (end > notes.Length)
                return null;
            if (type == Id && content > 0 && notes[NoteHeader..].StartsWith("GNU\0"u8))
                return Convert.ToHexStringLower(notes.Slice(at, (int)content));
            notes = notes[end..];
        }

        return null;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> of, ulong from, ulong length) =>
        from <= (ulong)of.Length && length <= (ulong)of.Length - from ? of.Slice((int)from, (int)length) : [];
}
