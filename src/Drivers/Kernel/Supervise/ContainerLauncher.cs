using System.Globalization;
using System.Runtime.InteropServices;
using Provision.Kernel.Containers;
using Provision.Kernel.Launch;
using Provision.Kernel.Networks;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Launches containers with their links, and changes the links of those that run.</summary>
internal sealed class ContainerLauncher : IContainerLauncher, IDisposable
{
    private readonly Launcher _launcher;
    private readonly SandboxLauncher _sandboxes;
    private readonly ContainerNetworks _networks = new();
    private readonly string _instance;

    /// <param name="threads">How many containers may be launched at once.</param>
    public ContainerLauncher(string instance, int threads)
    {
        _launcher = new Launcher(threads);
        _sandboxes = new SandboxLauncher(_launcher, SandboxHost.Discover());
        _instance = instance;
    }

    public LaunchedContainer Launch(ContainerOrder order, Fd output)
    {
        try
        {
            using var made = SandboxNamespaces.Make(_launcher, order.Sandbox);
            if (made.Net is { } net)
                Attach(order, net);
            var (input, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY);
            if (input is null)
                throw Sys.Failure("open", "/dev/null", errno);
            using (input)
            {
                using var console = order.Terminal ? FdQueue.Make() : null;
                var launched = _sandboxes.Start(RlimitDefaults.Complete(order.Sandbox), new LaunchStdio(input.Number, output.Number, output.Number), made, console?.Sender);
                return new LaunchedContainer(launched.Pid, (Fd)launched.PidFd, console?.Peek()?.Files[0]);
            }
        }
        catch (Exception failed) when (failed is LaunchException or SandboxException or KernelException)
        {
            CleanUp(order);
            throw failed as KernelException ?? new KernelException(new KernelError("launch", order.Name, null, ErrnoOf(failed), ReasonOf(failed)));
        }
    }

    public LaunchedContainer Start(LaunchProgram program, LaunchInputs inputs)
    {
        var launched = _launcher.Start(program, inputs);
        return new LaunchedContainer(launched.Pid, (Fd)launched.PidFd);
    }

    public KernelError? CleanUp(ContainerOrder order) =>
        order.Sandbox.Networks.Count == 0 ? null : _networks.Detach(Owner(order), order.Sandbox.Networks.Select(static n => n.Interface));

    public KernelError? SetInterface(ContainerOrder order, int pid, Fd process, NetworkAttachment attachment)
    {
        using var network = OpenNetwork(pid, process);
        var (owner, request) = (Owner(order), new InterfaceRequest(Owner(order), network, attachment));
        var error = _networks.Set(request);
        // Somebody else's link has the name inside.
        return error is { Errno: Errno.EEXIST } && error.Object == owner.HostEnd(attachment.Interface)
            ? _networks.Purge(network, attachment.Interface) ?? _networks.Set(request)
            : error;
    }

    public KernelError? RemoveInterface(ContainerOrder order, int pid, Fd process, string name)
    {
        using var network = OpenNetwork(pid, process);
        return (name == NetworkState.Loopback ? null : _networks.Detach(Owner(order), name)) ?? _networks.Purge(network, name);
    }

    public void Dispose()
    {
        _networks.Dispose();
        _launcher.Dispose();
    }

    private static string ReasonOf(Exception failed) => failed switch
    {
        LaunchException { Step.Call.Name: "prlimit64" } limit when LimitRefusal.Reason(limit.Errno) is { } reason => $"{failed.Message}; {reason}",
        LaunchException { Errno: Errno.EAGAIN } => $"{failed.Message}; no process can be made there: pids.max of its cgroup or of one above it, or a limit of the host, is spent",
        _ => failed.Message,
    };

    // 0 is a child that was killed before its program ran; nothing of it is worth another attempt at once.
    private static int ErrnoOf(Exception failed) => failed switch
    {
        LaunchException { Errno: > 0 } step => step.Errno,
        SandboxException => Errno.EINVAL,
        _ => Errno.EIO,
    };

    private void Attach(ContainerOrder order, SafeHandle network)
    {
        var errors = _networks.Set([.. order.Sandbox.Networks.Select(a => new InterfaceRequest(Owner(order), network, a))]);
        if (errors.FirstOrDefault(static e => e is not null) is { } refused)
            throw new KernelException(refused);
    }

    private NetworkOwner Owner(ContainerOrder order) => new(_instance, order.Stack, order.Name);

    private static Fd OpenNetwork(int pid, Fd process)
    {
        var number = pid.ToString(CultureInfo.InvariantCulture);
        var network = PidFd.OpenFile(process, pid, "ns/net", Libc.O_RDONLY);
        if (ProcessReader.Namespaces(number).GetValueOrDefault("net") != ProcessReader.Namespaces("self").GetValueOrDefault("net"))
            return network;
        network.Dispose();
        throw new KernelException(new KernelError("setns", $"/proc/{number}/ns/net", null, Errno.EINVAL, "the container shares the host's network namespace"));
    }
}
