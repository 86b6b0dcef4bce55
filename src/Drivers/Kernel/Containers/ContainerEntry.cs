using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>
/// A process that was started in a running container: in exactly its namespaces, cgroup, limits and profile, with this
/// process's standard streams.
/// </summary>
public sealed class ContainerEntry : IDisposable
{
    private readonly Launcher _launcher;
    private readonly Launched _process;

    private ContainerEntry(Launcher launcher, Launched process) => (_launcher, _process) = (launcher, process);

    /// <summary>Starts it; returns when its program runs.</summary>
    /// <param name="change">From the container's specification to that of the process: command, environment, directory.</param>
    /// <param name="input">Give it standard input; else it reads nothing.</param>
    /// <exception cref="KernelException">The container does not run, or cannot be entered.</exception>
    /// <exception cref="LaunchException">A step failed; for a command that cannot be executed, that of execve.</exception>
    public static ContainerEntry Start(string instance, string name, Func<SandboxSpec, SandboxSpec> change, bool input)
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
            var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY);
            if (nothing is null)
                throw Sys.Failure("open", "/dev/null", errno);
            var launcher = new Launcher();
            try
            {
                using (nothing)
                    return new ContainerEntry(launcher, new SandboxLauncher(launcher, SandboxHost.Discover())
                        .Enter(change(order.Sandbox), init, new LaunchStdio(input ? 0 : nothing.Number, 1, 2)));
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

    /// <summary>Waits for its end: the exit status, or 128 + signal.</summary>
    public int Wait() => _process.Wait().Shell;

    /// <summary>Sends it a signal; one that comes too late is lost.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    public void Dispose()
    {
        _process.Dispose();
        _launcher.Dispose();
    }
}
