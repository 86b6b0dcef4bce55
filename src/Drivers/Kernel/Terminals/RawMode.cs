using Provision.Reconciler;

namespace Provision.Kernel.Terminals;

/// <summary>
/// The caller's terminal, on standard input, in raw mode (termios(3), cfmakeraw): every key goes through as a byte, those
/// that make signals too. Disposed, it is as it was before. Safe to be called from signal handlers' threads.
/// </summary>
public sealed unsafe class RawMode : IDisposable
{
    private const int Input = 0;

    // Of c_iflag: IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON. Of c_lflag: ECHO, ECHONL, ICANON, ISIG, IEXTEN.
    private const uint InputFlags = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private const uint PostProcess = 0x1; // OPOST
    private const uint LocalFlags = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;
    private const uint SizeAndParity = 0x30 | 0x100, EightBits = 0x30; // CSIZE, PARENB; CS8
    private const int Time = 5, Least = 6; // VTIME, VMIN

    private readonly Lock _lock = new();
    private readonly TerminalNative.Attributes _before;
    private bool _disposed;

    private RawMode(TerminalNative.Attributes before) => _before = before;

    /// <summary>Enters it; null when standard input is no terminal.</summary>
    /// <exception cref="KernelException">The terminal refuses.</exception>
    public static RawMode? Enter()
    {
        TerminalNative.Attributes before;
        if (TerminalNative.ioctl(Input, TerminalNative.GetAttributes, &before) != 0)
            return null;
        var mode = new RawMode(before);
        return mode.Again() is var errno and not 0 ? throw Sys.Failure("ioctl", "standard input", errno, "TCSETSW") : mode;
    }

    /// <summary>Enters it anew, when whoever had the terminal meanwhile has changed it; 0 or the errno.</summary>
    public int Again()
    {
        var raw = _before;
        raw.Input &= ~InputFlags;
        raw.Output &= ~PostProcess;
        raw.Local &= ~LocalFlags;
        raw.Control = (raw.Control & ~SizeAndParity) | EightBits;
        raw.Characters[Time] = 0;
        raw.Characters[Least] = 1;
        lock (_lock)
            return _disposed ? 0 : Set(raw);
    }

    /// <summary>Stops this process as SIGTSTP would have, with the terminal as it was; <see cref="Again"/> is for SIGCONT.</summary>
    public void Suspend()
    {
        lock (_lock)
            if (!_disposed)
                Set(_before);
        // To this thread alone: sent to the process, another thread may take it while this one goes on.
        _ = TerminalNative.raise(TerminalNative.SigStop);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
                Set(_before);
            _disposed = true;
        }
    }

    // Output that is under way is let out first. In the background it stops the process (SIGTTOU) until it is brought back.
    private static int Set(TerminalNative.Attributes attributes)
    {
        while (TerminalNative.ioctl(Input, TerminalNative.SetAttributesDrained, &attributes) != 0)
            if (Sys.LastError != Errno.EINTR)
                return Sys.LastError;
        return 0;
    }
}
