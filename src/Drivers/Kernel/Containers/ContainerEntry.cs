using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Kernel.Terminals;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>How a process that is started in a running container meets the caller's standard streams.</summary>
/// <param name="Input">It gets standard input; else it reads nothing.</param>
/// <param name="Terminal">It gets a terminal of the container's; else pipes. Either way its bytes are relayed.</param>
/// <param name="Size">Of that terminal; null: not known.</param>
public sealed record EntryStreams(bool Input, bool Terminal = false, TerminalSize? Size = null);

/// <summary>
/// A process that was started in a running container: in exactly its namespaces, cgroup, limits and profile, with this
/// process's standard streams relayed: what a container holds of the caller's it may keep for ever.
/// </summary>
public sealed class ContainerEntry : IDisposable
{
    private readonly Launcher _launcher;
    private readonly Launched _process;
    private readonly SafeFileHandle? _master;
    private readonly EntryPipes? _pipes;
    private readonly bool _input;
    private readonly Lock _lock = new();

    private ContainerEntry(Launcher launcher, Launched process, SafeFileHandle? master, EntryPipes? pipes, bool input) =>
        (_launcher, _process, _master, _pipes, _input) = (launcher, process, master, pipes, input);

    /// <summary>
    /// Starts it; returns when its program runs. This process becomes the same command anew, from memory that nobody can
    /// write, when it does not run from there yet.
    /// </summary>
    /// <param name="change">From the container's specification to that of the process: command, environment, user, directory.</param>
    /// <exception cref="KernelException">The container does not run, or cannot be entered.</exception>
    /// <exception cref="LaunchException">A step failed; for a command that cannot be executed, that of execve.</exception>
    public static ContainerEntry Start(string instance, string name, Func<SandboxSpec, SandboxSpec> change, EntryStreams streams)
    {
        SealedProgram.Become(SupervisorPaths.Of(instance));
        using var reader = new ContainerReader(CgroupLayout.Discover());
        if (reader.Read(instance, new HashSet<string> { name }).Find(name) is not { Process: { } process } live
            || PidFd.Open(process.Pid, process.StartTime) is not { } init)
            throw new KernelException(new KernelError("exec", name, null, Errno.ENOENT, "the container does not run"));
        using (init)
        {
            if (live.Order is not { } order)
                throw new KernelException(new KernelError("exec", name, null, Errno.ENODATA, "its order is lost, so that what confines it is not known; apply again"));
            // The child shares this memory until it executes: nothing in the container may look into it.
            SuperviseNative.prctl(SuperviseNative.SetDumpable, 0, 0, 0, 0);
            var launcher = new Launcher();
            try
            {
                return Start(launcher, Limited(change(order.Sandbox), process), process, init, streams);
            }
            catch (SandboxException impossible)
            {
                launcher.Dispose();
                throw new KernelException(new KernelError("exec", name, null, Errno.EINVAL, impossible.Message));
            }
            catch
            {
                launcher.Dispose();
                throw;
            }
        }
    }

    /// <summary>Waits for its end, moving its terminal's bytes meanwhile: the exit status, or 128 + signal.</summary>
    /// <exception cref="KernelException">A stream of the caller's failed.</exception>
    public int Wait()
    {
        if (_master is not null)
        {
            new TerminalRelay(_master, _input).Run(_process.PidFd);
            HangUp();
        }
        else if (_pipes is not null)
        {
            new PipeRelay(_pipes).Run(_process.PidFd);
        }

        return _process.Wait().Shell;
    }

    /// <summary>Sends it a signal; one that comes too late is lost.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Gives its terminal a size; without one, or after its end, nothing happens.</summary>
    public void Resize(TerminalSize size)
    {
        lock (_lock)
            if (_master is { IsClosed: false })
                Terminal.Resize((int)_master.DangerousGetHandle(), size);
    }

    public void Dispose()
    {
        HangUp();
        _pipes?.Dispose();
        _process.Dispose();
        _launcher.Dispose();
    }

    // What the container's order does not say is as its first process has it, and never as the caller's shell.
    private static SandboxSpec Limited(SandboxSpec spec, ProcessFacts init)
    {
        // Without CAP_SYS_RESOURCE no hard limit goes up.
        var own = StatusFile.Read(Environment.ProcessId) is { } status && (status.CapEffective & (1UL << 24)) == 0 ? ProcessReader.Limits(Environment.ProcessId) : null;
        return spec with
        {
            Rlimits =
            [
                .. spec.Rlimits,
                .. init.Rlimits.Where(l => spec.Rlimits.All(stated => stated.Resource != l.Key)).Select(l =>
                {
                    var most = own is not null && own.TryGetValue(l.Key, out var mine) ? mine.Hard : RlimitSpec.Infinity;
                    return new RlimitSpec(l.Key, Math.Min(l.Value.Soft, most), Math.Min(l.Value.Hard, most));
                }),
            ],
        };
    }

    private static ContainerEntry Start(Launcher launcher, SandboxSpec spec, ProcessFacts process, Fd init, EntryStreams streams)
    {
        var sandboxes = new SandboxLauncher(launcher, SandboxHost.Discover());
        if (streams.Terminal)
            return new ContainerEntry(launcher, sandboxes.EnterWithTerminal(spec, init, streams.Size, out var master), master, null, streams.Input);
        var pipes = new EntryPipes(streams.Input, HostIds.Of(process.Pid, "uid_map", spec.User.Uid), HostIds.Of(process.Pid, "gid_map", spec.User.Gid), spec.Security.SelinuxFileLabel);
        try
        {
            var entered = sandboxes.Enter(spec, init, pipes.Stdio);
            pipes.Started();
            return new ContainerEntry(launcher, entered, null, pipes, streams.Input);
        }
        catch
        {
            pipes.Dispose();
            throw;
        }
    }

    private void HangUp()
    {
        lock (_lock)
            _master?.Dispose();
    }
}
