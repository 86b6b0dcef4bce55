using System.Runtime.InteropServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// The thin layer over the C library: EINTR is handled here and nowhere else, an errno becomes a return value
/// (positive errno, 0 for success) or a <see cref="KernelException"/>, descriptors come out as <see cref="Fd"/>.
/// </summary>
internal static unsafe class Sys
{
    private const int StackBuffer = 4096;

    /// <summary>The errno of the call that just failed.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    public static KernelException Failure(string action, string target, int errno, string? value = null, string? detail = null) =>
        new(new KernelError(action, target, value, errno, detail ?? NeededCalls.Needs(action, errno)));

    /// <summary>Opens, or tells why not.</summary>
    public static (Fd? File, int Errno) Open(int directory, string path, int flags, uint mode = 0)
    {
        while (true)
        {
            var number = Libc.openat(directory, path, flags | Libc.O_CLOEXEC, mode);
            if (number >= 0)
                return (new Fd(number), 0);
            if (LastError != Errno.EINTR)
                return (null, LastError);
        }
    }

    /// <summary>The whole content of a small file as text (ASCII and UTF-8); the descriptor must be at its start.</summary>
    public static (string? Text, int Errno) ReadAll(Fd file)
    {
        var stack = stackalloc byte[StackBuffer];
        var length = 0;
        byte[]? large = null;
        while (true)
        {
            nint got;
            if (large is null)
            {
                got = Read(file.Number, stack + length, StackBuffer - length);
            }
            else
            {
                if (length == large.Length)
                    Array.Resize(ref large, large.Length * 2);
                fixed (byte* at = large)
                    got = Read(file.Number, at + length, large.Length - length);
            }

            if (got < 0)
                return (null, LastError);
            if (got == 0)
                return (Encoding.UTF8.GetString(large is null ? new ReadOnlySpan<byte>(stack, length) : large.AsSpan(0, length)), 0);
            length += (int)got;
            if (large is null && length == StackBuffer)
                large = [.. new ReadOnlySpan<byte>(stack, length), .. new byte[StackBuffer]];
        }
    }

    /// <summary>The whole content of a file; EFBIG when it is longer than the limit.</summary>
    public static (byte[]? Content, int Errno) ReadBytes(Fd file, int limit)
    {
        var content = new byte[StackBuffer];
        var length = 0;
        while (true)
        {
            if (length == content.Length)
                Array.Resize(ref content, content.Length * 2);
            nint got;
            fixed (byte* at = content)
                got = Read(file.Number, at + length, content.Length - length);
            if (got < 0)
                return (null, LastError);
            if (got == 0)
                return (content[..length], 0);
            length += (int)got;
            if (length > limit)
                return (null, Errno.EFBIG);
        }
    }

    /// <summary>
    /// Writes a value with one write(2), as control files want it; 0, or the errno. A short write on a control
    /// file does not happen, on an ordinary file the rest follows.
    /// </summary>
    public static int WriteAll(Fd file, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            var done = 0;
            do
            {
                var wrote = Libc.write(file.Number, start + done, content.Length - done);
                if (wrote < 0 && LastError == Errno.EINTR)
                    continue;
                if (wrote < 0)
                    return LastError;
                if (wrote == 0 && content.Length > 0)
                    return Errno.EIO;
                done += (int)wrote;
            }
            while (done < content.Length);
        }

        return 0;
    }

    /// <summary>read(2) without EINTR; -1 with <see cref="LastError"/>.</summary>
    public static nint Read(int file, byte* buffer, nint count)
    {
        nint got;
        do
            got = Libc.read(file, buffer, count);
        while (got < 0 && LastError == Errno.EINTR);
        return got;
    }
}
