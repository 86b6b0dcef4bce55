namespace Provision.Kernel;

/// <summary>
/// Every way in which readers open with openat2(2): struct open_how, kept in a page that cannot be written any more. The
/// reading filter, which cannot look into memory, lets openat2 through with these addresses and no other.
/// </summary>
internal static unsafe class OpenWays
{
    /// <summary>The bits of an address in which the ways differ: 32 slots of 32 bytes.</summary>
    public const ulong SlotBits = 0x3E0;

    private const int Slot = 32;
    private const long SealNumber = 462; // mseal(2), Linux 6.10, the same on all architectures

    private static readonly int[] Flags =
        [Libc.O_RDONLY, Libc.O_PATH, Libc.O_RDONLY | Libc.O_DIRECTORY, Libc.O_PATH | Libc.O_DIRECTORY];

    private static readonly Resolve[] Limits =
        [Resolve.Beneath, Resolve.Beneath | Resolve.NoSymlinks, Resolve.Beneath | Resolve.NoMounts, Resolve.Beneath | Resolve.NoSymlinks | Resolve.NoMounts];

    private static readonly byte* Page = Make();

    public static ulong Address => (ulong)Page;

    /// <summary>The address of the way to find a place by any path but through a magic link: O_PATH, which opens nothing.</summary>
    public static nint Place => (nint)Last(Page);

    /// <summary>The address of the way to open so, always with O_CLOEXEC; 0 when it is none that only reads.</summary>
    public static nint Find(int flags, Resolve resolve)
    {
        var (flag, limit) = (Array.IndexOf(Flags, flags), Array.IndexOf(Limits, resolve | Resolve.Beneath));
        return flag < 0 || limit < 0 ? 0 : (nint)At(Page, flag, limit);
    }

    /// <summary>Where the kernel can, not even a later mprotect(2) or munmap(2) reaches the page; for who relies on it.</summary>
    public static void Seal() => Libc.mseal(SealNumber, Page, (nuint)Environment.SystemPageSize, 0);

    private static byte* Make()
    {
        var size = (nuint)Environment.SystemPageSize;
        var page = Libc.mmap(null, size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if (page == (void*)-1)
            throw Sys.Failure("mmap", "open_how", Sys.LastError);
        for (var flag = 0; flag < Flags.Length; flag++)
            for (var limit = 0; limit < Limits.Length; limit++)
                *At((byte*)page, flag, limit) = new Libc.OpenHow { Flags = (ulong)(Flags[flag] | Libc.O_CLOEXEC), Resolve = (ulong)Limits[limit] };
        // In every slot that is left: the filter lets all of them through.
        for (var way = Last((byte*)page); way <= (Libc.OpenHow*)((byte*)page + SlotBits); way = (Libc.OpenHow*)((byte*)way + Slot))
            *way = new Libc.OpenHow { Flags = (ulong)(Libc.O_PATH | Libc.O_CLOEXEC), Resolve = (ulong)Resolve.NoMagicLinks };
        if (Libc.mprotect(page, size, Libc.PROT_READ) != 0)
            throw Sys.Failure("mprotect", "open_how", Sys.LastError);
        return (byte*)page;
    }

    private static Libc.OpenHow* Last(byte* page) => (Libc.OpenHow*)(page + (Flags.Length * Limits.Length * Slot));

    private static Libc.OpenHow* At(byte* page, int flag, int limit) => (Libc.OpenHow*)(page + (((flag * Limits.Length) + limit) * Slot));
}
