using System.Runtime.InteropServices;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>
/// Creates the processes of bundles: all done but execve, until their gate is opened. Nobody supervises them; when this
/// process ends they are the child of whoever reaps for it (PR_SET_CHILD_SUBREAPER).
/// </summary>
public sealed unsafe class RuntimeLauncher : IDisposable
{
    private const uint FormatMask = 0xF000, Pipe = 0x1000, Socket = 0xC000;

    private readonly Launcher _launcher;
    private readonly SandboxHost _host = SandboxHost.Discover();
    private readonly SandboxLauncher _sandboxes;

    /// <summary>
    /// This process becomes the same command anew, from memory that nobody can write, when it does not run from there yet:
    /// its image is what /proc/PID/exe of a container that waits leads to (CVE-2019-5736).
    /// </summary>
    /// <param name="patient">Hooks run in the midst of a launch, for as long as they like.</param>
    public RuntimeLauncher(bool patient)
    {
        SealedProgram.Become(SupervisorPaths.Of("default"));
        // The child shares this memory until it executes: nothing in another container may look into it.
        SuperviseNative.prctl(SuperviseNative.SetDumpable, 0, 0, 0, 0);
        // Two threads: a hook is launched while a container is being launched.
        _launcher = patient ? new Launcher(2) { Patience = Timeout.InfiniteTimeSpan } : new Launcher(2);
        _sandboxes = new SandboxLauncher(_launcher, _host);
    }

    internal Launcher Launcher => _launcher;

    /// <summary>For processes that enter a container.</summary>
    public SandboxLauncher Sandboxes => _sandboxes;

    /// <summary>Returns when the process waits at its gate.</summary>
    /// <param name="fifo">From <see cref="RuntimeStore.FifoOf"/>.</param>
    /// <param name="console">A connected socket that the terminal's master goes over; with a terminal and never without.</param>
    /// <param name="halted">Told its pid when its namespaces are there and nothing is mounted yet; null: it does not stop there.</param>
    /// <exception cref="SandboxException">The specification cannot be done.</exception>
    /// <exception cref="KernelException">What it names on the host cannot be opened.</exception>
    /// <exception cref="LaunchException">A step failed; the child is dead and reaped.</exception>
    public Launched Create(RuntimeSpec spec, string fifo, SafeHandle? console, Action<int>? halted)
    {
        var streams = new[] { 0, 1, 2 }.Where(static s => IsOwned(s)).ToList();
        // Before anything is made: what cannot be done is said first.
        _ = RuntimeCompiler.Compile(spec, _host, halted is not null, streams);
        using var made = SandboxNamespaces.Make(_launcher, spec.Sandbox);
        return _sandboxes.BornOrMoved(on =>
        {
            using var gate = new LaunchGate(fifo, halted);
            using var inputs = RuntimeInputs.Open(spec, on, new LaunchStdio(0, 1, 2), made);
            gate.Fill(inputs);
            if (console is not null)
            {
                inputs[Slots.Console] = console.DangerousGetHandle();
                inputs.Rights(Slots.ConsoleLength, Slots.ConsoleKind, Slots.ConsoleFile);
            }

            return _launcher.Start(RuntimeCompiler.Compile(spec, on, halted is not null, streams), inputs, () => SandboxLauncher.Thaw(spec.Sandbox), gate: gate);
        });
    }

    public void Dispose() => _launcher.Dispose();

    // A device is everybody's, /dev/null above all.
    private static bool IsOwned(int stream)
    {
        const int emptyPath = 0x1000;
        const uint statxType = 1;
        var buffer = stackalloc byte[256];
        return Libc.statx(stream, "", emptyPath, statxType, buffer) == 0 && (*(ushort*)(buffer + 28) & FormatMask) is Pipe or Socket;
    }
}
