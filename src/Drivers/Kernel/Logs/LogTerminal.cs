namespace Provision.Kernel.Logs;

/// <summary>Why a terminal gave no more bytes.</summary>
internal enum TerminalEnd
{
    /// <summary>There is nothing for now.</summary>
    Empty,

    /// <summary>There may be more.</summary>
    More,

    /// <summary>Nobody has it open.</summary>
    HungUp,
}

/// <summary>The first half of the way from a terminal to a log.</summary>
internal static unsafe class LogTerminal
{
    private const nuint Most = 64 << 10;

    /// <summary>Moves what a terminal's program has written into the pipe, as much as goes in, by splice(2).</summary>
    /// <param name="master">Does not block.</param>
    public static TerminalEnd Move(Fd master, Fd pipe)
    {
        nint moved;
        do
            moved = LogNative.splice(master.Number, null, pipe.Number, null, Most, LogNative.SpliceMove | LogNative.SpliceNonBlock);
        while (moved < 0 && Sys.LastError == Errno.EINTR);
        return moved > 0 ? TerminalEnd.More : moved < 0 && Sys.LastError == Errno.EAGAIN ? TerminalEnd.Empty : TerminalEnd.HungUp;
    }
}
