using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>A task that does as a script says, and notes what was asked of it.</summary>
internal sealed class FakeTracee : ITracee
{
    private int _waits;

    public int SeizeErrno { get; init; }

    public int InterruptErrno { get; init; }

    /// <summary>How often it must be waited for; null: it never stops.</summary>
    public int? StopsAfter { get; init; } = 0;

    public TraceStop Stop { get; init; } = new(false, 0);

    public List<SeccompProgram> Programs { get; init; } = [];

    /// <summary>Told instead of any program.</summary>
    public int FilterErrno { get; init; }

    /// <summary>Happens at each asking for the first filter.</summary>
    public Action<FakeTracee> Meanwhile { get; init; } = static _ => { };

    public List<string> Log { get; } = [];

    /// <summary>Called at every wait.</summary>
    public Action Waited { get; init; } = static () => { };

    public int Seize() => Note("seize", SeizeErrno);

    public int Interrupt() => Note("interrupt", InterruptErrno);

    public TraceStop? Wait()
    {
        Waited();
        return StopsAfter is { } waits && _waits++ >= waits ? Stop : null;
    }

    public (byte[]? Program, int Errno) Filter(int index)
    {
        if (index == 0)
            Meanwhile(this);
        if (FilterErrno != 0)
            return (null, FilterErrno);
        return index < Programs.Count ? (Programs[index].Bytes.ToArray(), 0) : (null, Errno.ENOENT);
    }

    public int Detach(int signal) => Note($"detach {signal}", 0);

    private int Note(string what, int errno)
    {
        Log.Add(what);
        return errno;
    }
}
