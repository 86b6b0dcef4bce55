namespace Provision.Kernel.Runtime;

/// <summary>Files of a root that nobody vouches for, looked at from the host: links lead no further than the root.</summary>
internal static unsafe partial class RootFile
{
    private const long OpenAt2 = 437;
    private const ulong InRoot = 0x10, NoMagicLinks = 0x02;
    private const uint FormatMask = 0xF000, Regular = 0x8000;
    private const int Most = 1 << 20;

    /// <summary>Null when it cannot be opened.</summary>
    public static Fd? Open(string root, string path, int flags)
    {
        var (top, errno) = Sys.Open(Libc.AT_FDCWD, root, Libc.O_PATH);
        if (top is null)
            throw Sys.Failure("open", root, errno);
        using (top)
        {
            var how = new Libc.OpenHow { Flags = (ulong)(flags | Libc.O_CLOEXEC), Resolve = InRoot | NoMagicLinks };
            var number = Libc.openat2(OpenAt2, top.Number, path, &how, sizeof(Libc.OpenHow));
            return number < 0 ? null : new Fd((int)number);
        }
    }

    /// <summary>The text of a regular file of at most a mebibyte; null where there is none.</summary>
    public static string? Text(string root, string path)
    {
        // First by its name alone: to open a FIFO or a device may do something.
        using var place = Open(root, path, Libc.O_PATH);
        if (place is null || !IsText(place))
            return null;
        var (file, _) = Sys.Open(Libc.AT_FDCWD, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{place.Number}"), Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
        {
            var bytes = new byte[Most];
            var length = 0;
            fixed (byte* at = bytes)
                while (length < Most && Sys.Read(file.Number, at + length, Most - length) is var got and > 0)
                    length += (int)got;
            return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
    }

    /// <summary>
    /// Where a path leads inside the root, by the links as they are now; what is missing on the way is taken to be a
    /// directory to come. Null where links go round in circles.
    /// </summary>
    /// <param name="path">Absolute, without . and ...</param>
    public static string? Lead(string root, string path)
    {
        const int mostLinks = 40; // as the kernel has it
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var way = new List<string>();
        for (var links = 0; left.TryPop(out var name);)
        {
            if (name is ".." or ".")
            {
                if (name == ".." && way.Count > 0)
                    way.RemoveAt(way.Count - 1);
                continue;
            }

            if (LinkAt(root, string.Join('/', [.. way, name])) is not { } target)
            {
                way.Add(name);
                continue;
            }

            if (++links > mostLinks)
                return null;
            if (target.StartsWith('/'))
                way.Clear();
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                left.Push(part);
        }

        return "/" + string.Join('/', way);
    }

    // What a link says; null when it is none or nothing is there.
    private static string? LinkAt(string root, string path)
    {
        const int noFollow = 0x20000, mostBytes = 4096;
        using var place = Open(root, path, Libc.O_PATH | (Libc.IsArm64 ? 0x8000 : noFollow));
        if (place is null)
            return null;
        var bytes = stackalloc byte[mostBytes];
        var length = readlinkat(place.Number, "", bytes, mostBytes);
        return length < 0 ? null : System.Text.Encoding.UTF8.GetString(bytes, (int)length);
    }

    [System.Runtime.InteropServices.LibraryImport("libc", SetLastError = true, StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial nint readlinkat(int directory, string path, byte* buffer, nuint size);

    private static bool IsText(Fd place)
    {
        const int emptyPath = 0x1000;
        const uint typeAndSize = 0x201;
        var buffer = stackalloc byte[256];
        return Libc.statx(place.Number, "", emptyPath, typeAndSize, buffer) == 0
            && (*(ushort*)(buffer + 28) & FormatMask) == Regular && *(ulong*)(buffer + 40) <= Most;
    }
}
