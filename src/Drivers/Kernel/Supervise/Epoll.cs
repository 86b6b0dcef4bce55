using System.Runtime.InteropServices;

namespace Provision.Kernel.Supervise;

/// <summary>epoll(7) with one handler a descriptor, level-triggered. For the thread that waits, but for <see cref="Wake"/>.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const uint In = 1, Out = 4, Error = 8, HangUp = 16;

    private const int EventsAtOnce = 64;

    // struct epoll_event is packed on x86-64 and is not on arm64.
    private static readonly int Stride = Libc.IsArm64 ? 16 : 12;
    private static readonly int DataAt = Libc.IsArm64 ? 8 : 4;

    private readonly Fd _poll = Made(SuperviseNative.epoll_create1(Libc.O_CLOEXEC), "epoll_create1");
    private readonly Fd _wake = Made(Libc.eventfd(0, Libc.O_CLOEXEC | Libc.O_NONBLOCK), "eventfd");
    private readonly Dictionary<int, Action<uint>> _handlers = [];

    public Epoll() => Add(_wake, In, Woken);

    public void Add(SafeHandle file, uint events, Action<uint> handler)
    {
        Control(SuperviseNative.EpollAdd, Number(file), events);
        _handlers[Number(file)] = handler;
    }

    public void Modify(SafeHandle file, uint events) => Control(SuperviseNative.EpollModify, Number(file), events);

    /// <summary>To be called before the descriptor is closed.</summary>
    public void Remove(SafeHandle file)
    {
        if (_handlers.Remove(Number(file)))
            Control(SuperviseNative.EpollDelete, Number(file), 0);
    }

    /// <summary>Makes a wait under way, or the next one, return. From any thread.</summary>
    public void Wake()
    {
        var one = 1UL;
        Libc.write(_wake.Number, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Waits, calls the handlers of what is ready, and returns; a signal ends it early.</summary>
    /// <exception cref="Reconciler.KernelException">The wait failed, or a handler did; the others are called at the next wait.</exception>
    /// <param name="milliseconds">-1 for as long as it takes.</param>
    public void Wait(int milliseconds)
    {
        var events = stackalloc byte[EventsAtOnce * Stride];
        var count = SuperviseNative.epoll_wait(_poll.Number, events, EventsAtOnce, milliseconds);
        if (count < 0 && Sys.LastError != Errno.EINTR)
            throw Sys.Failure("epoll_wait", "", Sys.LastError);
        for (var i = 0; i < count; i++)
        {
            var at = events + (i * Stride);
            // An earlier handler of this round may have removed it.
            if (_handlers.TryGetValue(*(int*)(at + DataAt), out var handler))
                handler(*(uint*)at);
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        _poll.Dispose();
    }

    private static int Number(SafeHandle file) => (int)file.DangerousGetHandle();

    private void Control(int operation, int file, uint events)
    {
        var wanted = stackalloc byte[16];
        *(uint*)wanted = events;
        *(long*)(wanted + DataAt) = file;
        if (SuperviseNative.epoll_ctl(_poll.Number, operation, file, wanted) != 0)
            throw Sys.Failure("epoll_ctl", $"descriptor {file}", Sys.LastError);
    }

    private void Woken(uint events)
    {
        ulong count;
        Sys.Read(_wake.Number, (byte*)&count, sizeof(ulong));
    }

    private static Fd Made(int number, string call) => number >= 0 ? new Fd(number) : throw Sys.Failure(call, "", Sys.LastError);
}
