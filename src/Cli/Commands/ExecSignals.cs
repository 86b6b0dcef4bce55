using System.Runtime.InteropServices;
using Provision.Kernel.Containers;
using Provision.Kernel.Terminals;

namespace Provision.Cli;

/// <summary>
/// While it lives, signals that would end this process go to the process in the container, and those about the caller's
/// terminal are acted upon.
/// </summary>
internal sealed class ExecSignals : IDisposable
{
    // SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM: positive numbers are signals as the kernel has them.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 14, 15];

    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <param name="raw">The caller's terminal when it is in raw mode.</param>
    /// <param name="terminal">The process has a terminal, whose size follows the caller's.</param>
    public ExecSignals(ContainerEntry entry, RawMode? raw, bool terminal)
    {
        foreach (var number in Forwarded)
            On((PosixSignal)number, () => entry.Signal(number));
        if (terminal)
            On(PosixSignal.SIGWINCH, () => Resize(entry));
        if (raw is null)
            return;
        On(PosixSignal.SIGTSTP, raw.Suspend);
        On(PosixSignal.SIGCONT, () =>
        {
            raw.Again();
            Resize(entry);
        });
    }

    public void Dispose() => _registrations.ForEach(static r => r.Dispose());

    private static void Resize(ContainerEntry entry)
    {
        if (Terminal.CallersSize() is { } size)
            entry.Resize(size);
    }

    private void On(PosixSignal signal, Action act) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        act();
    }));
}
