using System.Runtime.InteropServices;
using Provision.Kernel.Launch;

namespace Provision.Cli.Oci;

/// <summary>While it lives, signals that would end this process go to the container's.</summary>
internal sealed class OciSignals : IDisposable
{
    // SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 14, 15];

    private readonly List<PosixSignalRegistration> _registrations = [];

    public OciSignals(Launched process)
    {
        foreach (var number in Forwarded)
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
            {
                context.Cancel = true;
                process.Signal(number);
            }));
    }

    public void Dispose() => _registrations.ForEach(static r => r.Dispose());
}
