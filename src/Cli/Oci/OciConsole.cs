using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Runtime;

namespace Provision.Cli.Oci;

/// <summary>Where the master of a container's terminal goes: an engine's socket, or this process.</summary>
internal sealed class OciConsole : IDisposable
{
    private readonly RuntimeConsole? _own;

    private OciConsole(SafeHandle sender, RuntimeConsole? own) => (Sender, _own) = (sender, own);

    /// <summary>A connected socket.</summary>
    public SafeHandle Sender { get; }

    /// <exception cref="Provision.Reconciler.KernelException">Nobody listens there.</exception>
    public static OciConsole Of(string socket) => new(RuntimeProcess.Connect(socket), null);

    public static OciConsole Own()
    {
        var own = new RuntimeConsole();
        return new OciConsole(own.Sender, own);
    }

    /// <summary>The master, when it came here.</summary>
    public SafeFileHandle? Master() => _own?.Master();

    public void Dispose()
    {
        Sender.Dispose();
        _own?.Dispose();
    }
}
