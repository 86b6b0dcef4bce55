using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Kernel.Terminals;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>How a process that is started in a running container meets the caller's standard streams.</summary>
/// <param name="Input">It gets standard input; else it reads nothing.</param>
/// <param name="Terminal">It gets a terminal of the container's, and its bytes are relayed; else the streams themselves.</param>
/// <param name="Size">Of that terminal; null: not known.</param>
public sealed record EntryStreams(bool Input, bool Terminal = false, TerminalSize? Size = null);

/// <summary>
/// A process that was started in a running container: in exactly its namespaces, cgroup, limits and profile, with this
/// process's standard streams.
/// </summary>
public sealed class ContainerEntry : IDisposable
{
    private readonly Launcher _launcher;
    private readonly Launched _process;
    private readonly SafeFileHandle? _master;
    private readonly bool _input;
    private readonly Lock _lock = new();

    private ContainerEntry(Launcher launcher, Launched process, SafeFileHandle? master, bool input) =>
        (_launcher, _process, _master, _input) = (launcher, process, master, input);

    /// <summary>Starts it; returns when its program runs.</summary>
    /// <param name="change">From the container's specification to that of the process: command, environment, user, directory.</param>
    /// <exception cref="KernelException">The container does not run, or cannot be entered.</exception>
    /// <exception cref="LaunchException">A step failed; for a command that cannot be executed, that of execve.</exception>
    public static ContainerEntry Start(string instance, string name, Func<SandboxSpec, SandboxSpec> change, EntryStreams streams)
    {
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
                return Start(launcher, change(RlimitDefaults.Complete(order.Sandbox)), init, streams);
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
        _process.Dispose();
        _launcher.Dispose();
    }

    private static ContainerEntry Start(Launcher launcher, SandboxSpec spec, Fd init, EntryStreams streams)
    {
        var sandboxes = new SandboxLauncher(launcher, SandboxHost.Discover());
        if (streams.Terminal)
            return new ContainerEntry(launcher, sandboxes.EnterWithTerminal(spec, init, streams.Size, out var master), master, streams.Input);
        var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY);
        if (nothing is null)
            throw Sys.Failure("open", "/dev/null", errno);
        using (nothing)
            return new ContainerEntry(launcher, sandboxes.Enter(spec, init, new LaunchStdio(streams.Input ? 0 : nothing.Number, 1, 2)), null, streams.Input);
    }

    private void HangUp()
    {
        lock (_lock)
            _master?.Dispose();
    }
}
