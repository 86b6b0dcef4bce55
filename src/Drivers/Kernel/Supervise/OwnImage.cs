using System.Runtime.InteropServices;

namespace Provision.Kernel.Supervise;

/// <summary>The program in this process's own memory, as its ELF header maps it (elf(5)).</summary>
internal static unsafe partial class OwnImage
{
    private const uint Loaded = 1, Header = 6, Writable = 2; // PT_LOAD, PT_PHDR, PF_W
    private const ulong HeadersAt = 3, HeadersCount = 5; // AT_PHDR, AT_PHNUM
    private const int DoNotNeed = 4; // MADV_DONTNEED

    [StructLayout(LayoutKind.Sequential)]
    private struct Segment
    {
        public uint Type;
        public uint Flags;
        public ulong Offset;
        public ulong Address;
        public ulong PhysicalAddress;
        public ulong FileSize;
        public ulong MemorySize;
        public ulong Align;
    }

    /// <summary>
    /// Unmaps the pages of code and constants: what starting took is not needed again, and what is needed comes back
    /// from the file with a page fault that reads nothing. Only segments that were never writable, so that nothing which
    /// was changed is lost. The resident set gets smaller; the file itself, and a sealed copy of it, keep their pages.
    /// </summary>
    public static void Forget()
    {
        var segments = new ReadOnlySpan<Segment>((void*)getauxval(HeadersAt), (int)getauxval(HeadersCount));
        nuint start = 0;
        foreach (var segment in segments)
            if (segment.Type == Header)
                start = getauxval(HeadersAt) - (nuint)segment.Address;
        if (start == 0)
            return;
        var page = (nuint)Environment.SystemPageSize;
        foreach (var segment in segments)
            if (segment is { Type: Loaded, FileSize: > 0 } && (segment.Flags & Writable) == 0)
            {
                var from = (start + (nuint)segment.Address) & ~(page - 1);
                // A hint: one that is refused costs nothing but memory.
                _ = madvise(from, start + (nuint)(segment.Address + segment.FileSize) - from, DoNotNeed);
            }
    }

    [LibraryImport("libc")]
    private static partial nuint getauxval(ulong type);

    [LibraryImport("libc")]
    private static partial int madvise(nuint address, nuint length, int advice);
}
