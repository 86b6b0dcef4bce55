using Provision.Kernel.Launch;

namespace Provision.Kernel.Sandbox;

/// <summary>Starts containers' first processes.</summary>
public sealed class SandboxLauncher(Launcher launcher, SandboxHost host)
{
    /// <summary>Starts the process of a specification; returns when it executes its command.</summary>
    /// <param name="stdio">Stays the caller's; the process gets copies.</param>
    /// <param name="made">
    /// From <see cref="SandboxNamespaces.Make"/> of the same specification, to be configured before; null: made here where needed.
    /// </param>
    /// <exception cref="SandboxException">The specification cannot be done.</exception>
    /// <exception cref="Provision.Reconciler.KernelException">What it names on the host cannot be opened.</exception>
    /// <exception cref="LaunchException">A step failed; the child is dead and reaped.</exception>
    public Launched Start(SandboxSpec spec, LaunchStdio stdio, SandboxNamespaces? made = null)
    {
        var program = SandboxCompiler.Compile(spec, host);
        var own = made is null ? SandboxNamespaces.Make(launcher, spec) : null;
        try
        {
            return Start(program, spec, host, stdio, made ?? own);
        }
        catch (LaunchException error) when (program.Cgroup is not null && error is { Errno: 0, Index: <= 0 })
        {
            // Killed as it was born: Linux 6.18 does so in a cgroup that cgroup.kill was written to before.
            var moving = host with { IntoCgroup = false };
            return Start(SandboxCompiler.Compile(spec, moving), spec, moving, stdio, made ?? own);
        }
        finally
        {
            own?.Dispose();
        }
    }

    private Launched Start(LaunchProgram program, SandboxSpec spec, SandboxHost on, LaunchStdio stdio, SandboxNamespaces? made)
    {
        using var inputs = SandboxInputs.Open(spec, on, stdio, made);
        return launcher.Start(program, inputs, () => Thaw(spec));
    }

    // A frozen v1 task does not die of SIGKILL.
    private static void Thaw(SandboxSpec spec)
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
