using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel;

/// <summary>One event of an <see cref="Inotify"/> descriptor.</summary>
/// <param name="Watch">Number of the watch; -1 for an overflow.</param>
/// <param name="Name">The child it concerns; empty for the watched directory itself.</param>
internal readonly record struct InotifyEvent(int Watch, uint Mask, string Name);

/// <summary>One inotify(7) descriptor with all its watches, and a way to wake its reader.</summary>
internal sealed unsafe class Inotify : IDisposable
{
    public const uint Modify = 0x2, Attributes = 0x4, Create = 0x100, Delete = 0x200;
    public const uint QueueOverflow = 0x4000, IsDirectory = 0x40000000;

    private const uint OnlyDirectory = 0x01000000;
    private const short PollIn = 1;
    private readonly Fd _events;
    private readonly Fd _wake;

    public Inotify()
    {
        _events = Made(Libc.inotify_init1(Libc.O_CLOEXEC | Libc.O_NONBLOCK), "inotify_init1");
        _wake = Made(Libc.eventfd(0, Libc.O_CLOEXEC | Libc.O_NONBLOCK), "eventfd");
    }

    /// <summary>What <see cref="Add"/> says when the user's watches are used up (fs.inotify.max_user_watches).</summary>
    public const int NoneLeft = -1;

    /// <summary>Number of the watch on a directory; 0 when it is not there, <see cref="NoneLeft"/> when the kernel has
    /// no watch to give. Throws when it refuses for another reason.</summary>
    public int Add(string directory, uint mask)
    {
        var watch = Libc.inotify_add_watch(_events.Number, directory, mask | OnlyDirectory);
        return watch >= 0 ? watch
            : Sys.LastError is Errno.ENOENT or Errno.ENODEV ? 0
            : Sys.LastError == Errno.ENOSPC ? NoneLeft
            : throw Sys.Failure("inotify_add_watch", directory, Sys.LastError);
    }

    /// <summary>Ends a watch; one that ended by itself is fine.</summary>
    public void Remove(int watch) => Libc.inotify_rm_watch(_events.Number, watch);

    /// <summary>Makes <see cref="Wait"/> return.</summary>
    public void Wake()
    {
        var one = 1UL;
        Libc.write(_wake.Number, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Blocks until there are events, or until woken (then empty).</summary>
    public IReadOnlyList<InotifyEvent> Wait()
    {
        var files = stackalloc Libc.PollFd[2];
        files[0] = new Libc.PollFd { Fd = _events.Number, Events = PollIn };
        files[1] = new Libc.PollFd { Fd = _wake.Number, Events = PollIn };
        while (Libc.poll(files, 2, -1) < 0)
            if (Sys.LastError != Errno.EINTR)
                throw Sys.Failure("poll", "inotify", Sys.LastError);

        if (files[1].Revents != 0)
        {
            ulong woken;
            Sys.Read(_wake.Number, (byte*)&woken, sizeof(ulong));
        }

        const int size = 16384;
        var buffer = stackalloc byte[size];
        var got = (int)Sys.Read(_events.Number, buffer, size);
        if (got < 0)
            return Sys.LastError == Errno.EAGAIN ? [] : throw Sys.Failure("read", "inotify", Sys.LastError);

        // struct inotify_event: s32 wd, u32 mask, u32 cookie, u32 len, char name[len].
        const int header = 16;
        var events = new List<InotifyEvent>();
        for (var at = buffer; at < buffer + got; at += header + *(uint*)(at + 12))
            events.Add(new InotifyEvent(*(int*)at, *(uint*)(at + 4), *(uint*)(at + 12) == 0
                ? ""
                : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at + header))));
        return events;
    }

    public void Dispose()
    {
        _events.Dispose();
        _wake.Dispose();
    }

    private static Fd Made(int number, string call) => number >= 0 ? new Fd(number) : throw Sys.Failure(call, "", Sys.LastError);
}
