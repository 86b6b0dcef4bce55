namespace Provision.Kernel;

/// <summary>Extended attributes through a descriptor, xattr(7).</summary>
internal static unsafe class Xattr
{
    private const int SizeMax = 65536;

    /// <summary>The value; null with ENODATA when there is none, or with the errno.</summary>
    public static (byte[]? Value, int Errno) Get(Fd file, string name)
    {
        // A container's whole spec with its seccomp profile's digest is about 3 KiB.
        const int usual = 8192;
        var small = stackalloc byte[usual];
        var size = Libc.fgetxattr(file.Number, name, small, usual);
        if (size >= 0)
            return (new ReadOnlySpan<byte>(small, (int)size).ToArray(), 0);
        if (Sys.LastError != Errno.ERANGE)
            return (null, Sys.LastError);
        var large = new byte[SizeMax];
        fixed (byte* at = large)
            size = Libc.fgetxattr(file.Number, name, at, SizeMax);
        return size < 0 ? (null, Sys.LastError) : (large[..(int)size], 0);
    }

    /// <summary>Creates or replaces; 0, or the errno.</summary>
    public static int Set(Fd file, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* at = value)
            return Libc.fsetxattr(file.Number, name, at, value.Length, 0) == 0 ? 0 : Sys.LastError;
    }

    /// <summary>Removes; an attribute that is not there is fine.</summary>
    public static int Remove(Fd file, string name) =>
        Libc.fremovexattr(file.Number, name) == 0 || Sys.LastError == Errno.ENODATA ? 0 : Sys.LastError;
}
