namespace Provision.Kernel.Networks;

/// <summary>Waits for many descriptors at once (poll(2)) and can be woken by another thread (an eventfd).</summary>
internal sealed unsafe class Bell : IDisposable
{
    private const int NonBlocking = Libc.O_NONBLOCK; // EFD_NONBLOCK
    private const short Readable = 1; // POLLIN

    private readonly Fd _event;

    public Bell()
    {
        var number = Libc.eventfd(0, Libc.O_CLOEXEC | NonBlocking);
        if (number < 0)
            throw Sys.Failure("eventfd", "network events", Sys.LastError);
        _event = new Fd(number);
    }

    public void Ring()
    {
        ulong one = 1;
        Libc.write(_event.Number, (byte*)&one, sizeof(ulong));
    }

    /// <summary>The places of those that have something (an error too); none after a ring, a signal or the time.</summary>
    /// <param name="within">Null waits for good.</param>
    public IReadOnlyList<int> Wait(int[] descriptors, TimeSpan? within)
    {
        var entries = new Libc.PollFd[descriptors.Length + 1];
        entries[^1] = new Libc.PollFd { Fd = _event.Number, Events = Readable };
        for (var i = 0; i < descriptors.Length; i++)
            entries[i] = new Libc.PollFd { Fd = descriptors[i], Events = Readable };
        var timeout = within is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        int ready;
        fixed (Libc.PollFd* first = entries)
            ready = Libc.poll(first, (ulong)entries.Length, timeout);
        if (ready < 0 && Sys.LastError != Errno.EINTR)
            throw Sys.Failure("poll", "network events", Sys.LastError);
        if (ready <= 0)
            return [];
        ulong rung;
        if (entries[^1].Revents != 0)
            Sys.Read(_event.Number, (byte*)&rung, sizeof(ulong));
        return [.. Enumerable.Range(0, descriptors.Length).Where(i => entries[i].Revents != 0)];
    }

    public void Dispose() => _event.Dispose();
}
