using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Launch;
using Provision.Kernel.Terminals;

namespace Provision.Kernel.Sandbox;

/// <summary>Starts containers' first processes.</summary>
public sealed class SandboxLauncher(Launcher launcher, SandboxHost host)
{
    /// <summary>Starts the process of a specification; returns when it executes its command.</summary>
    /// <param name="stdio">Stays the caller's; the process gets copies.</param>
    /// <param name="made">
    /// From <see cref="SandboxNamespaces.Make"/> of the same specification, to be configured before; null: made here where needed.
    /// </param>
    /// <param name="console">
    /// A socket that the master of a terminal is sent over, which is the process's standard streams then; null: those given.
    /// </param>
    /// <exception cref="SandboxException">The specification cannot be done.</exception>
    /// <exception cref="Provision.Reconciler.KernelException">What it names on the host cannot be opened.</exception>
    /// <exception cref="LaunchException">A step failed; the child is dead and reaped.</exception>
    public Launched Start(SandboxSpec spec, LaunchStdio stdio, SandboxNamespaces? made = null, SafeHandle? console = null)
    {
        spec = HiddenPaths.Found(spec);
        // Before anything is made: what cannot be done is said first.
        var program = SandboxCompiler.Compile(spec, host, console is not null);
        var own = made is null ? SandboxNamespaces.Make(launcher, spec) : null;
        try
        {
            return BornOrMoved(on =>
            {
                using var inputs = SandboxInputs.Open(spec, on, stdio, made ?? own);
                if (console is not null)
                {
                    inputs[Slots.Console] = console.DangerousGetHandle();
                    inputs.Rights(Slots.ConsoleLength, Slots.ConsoleKind, Slots.ConsoleFile);
                }

                return launcher.Start(on == host ? program : SandboxCompiler.Compile(spec, on, console is not null), inputs, () => Thaw(spec));
            });
        }
        finally
        {
            own?.Dispose();
        }
    }

    /// <summary>
    /// Starts a process in a running container: its namespaces, cgroups, limits and profile, with the command, environment,
    /// user and working directory of the specification given.
    /// </summary>
    /// <param name="init">A pidfd of the container's first process.</param>
    /// <exception cref="LaunchException">A step failed: the container has ended (setns: ESRCH), the command is not there.</exception>
    /// <param name="kept">How many of this process's descriptors from 3 on it gets.</param>
    public Launched Enter(SandboxSpec spec, SafeHandle init, LaunchStdio stdio, int kept = 0) => BornOrMoved(on =>
    {
        using var inputs = SandboxInputs.OpenEntry(spec, on, stdio, init);
        return launcher.Start(SandboxCompiler.CompileEntry(spec, on, terminal: false, kept: kept), inputs, () => Thaw(spec));
    });

    /// <summary>As <see cref="Enter"/>, with a terminal of the container's as stdio and controlling terminal.</summary>
    /// <param name="size">The terminal's size; null: not known.</param>
    /// <param name="master">Its other end, for the caller to read, write and size.</param>
    public Launched EnterWithTerminal(SandboxSpec spec, SafeHandle init, TerminalSize? size, out SafeFileHandle master)
    {
        SafeFileHandle? opened = null;
        var entered = BornOrMoved(on =>
        {
            using var inputs = SandboxInputs.OpenEntry(spec, on, stdio: null, init);
            return launcher.Start(SandboxCompiler.CompileEntry(spec, on, terminal: true, size), inputs, () => Thaw(spec),
                (_, fd) => opened = new SafeFileHandle(fd, ownsHandle: true));
        });
        master = opened!;
        return entered;
    }

    internal Launched BornOrMoved(Func<SandboxHost, Launched> start)
    {
        try
        {
            return start(host);
        }
        catch (LaunchException error) when (host.IntoCgroup && error is { Errno: 0, Index: <= 0 })
        {
            // Killed as it was born: Linux 6.18 does so in a cgroup that cgroup.kill was written to before.
            return start(host with { IntoCgroup = false });
        }
    }

    // A frozen v1 task does not die of SIGKILL.
    internal static void Thaw(SandboxSpec spec)
    {
        foreach (var directory in spec.CgroupDirectories)
        {
            var (state, _) = Sys.Open(Libc.AT_FDCWD, directory + "/freezer.state", Libc.O_WRONLY);
            if (state is null)
                continue;
            using (state)
                _ = Sys.WriteAll(state, "THAWED"u8);
        }
    }
}
