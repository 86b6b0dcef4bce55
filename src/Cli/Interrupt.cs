using System.Runtime.InteropServices;

namespace Provision.Cli;

/// <summary>SIGINT, SIGTERM and SIGHUP as a cancellation; while it lives they do not end the process, however often they come.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public CancellationToken Token => _source.Token;

    public static Interrupt FromSignals()
    {
        var interrupt = new Interrupt();
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            interrupt._registrations.Add(PosixSignalRegistration.Create(signal, interrupt.On));
        return interrupt;
    }

    public void Cancel() => _source.Cancel();

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void On(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
