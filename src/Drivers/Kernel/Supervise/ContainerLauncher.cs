using System.Globalization;
using Provision.Kernel.Containers;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Launches containers with their links, and changes the links of those that run.</summary>
internal sealed class ContainerLauncher : IContainerLauncher, IDisposable
{
    private readonly Launcher _launcher = new();
    private readonly SandboxLauncher _sandboxes;
    private readonly ContainerLinks _links;

    public ContainerLauncher(string instance)
    {
        _sandboxes = new SandboxLauncher(_launcher, SandboxHost.Discover());
        _links = new ContainerLinks(instance);
    }

    public LaunchedContainer Launch(ContainerOrder order, Fd output)
    {
        try
        {
            using var made = SandboxNamespaces.Make(_launcher, order.Sandbox);
            if (made.Net is Fd net && order.Sandbox.Networks.Count > 0 && _links.Configure(order, net) is { } error)
                throw new KernelException(error);
            var (input, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY);
            if (input is null)
                throw Sys.Failure("open", "/dev/null", errno);
            using (input)
            {
                var launched = _sandboxes.Start(order.Sandbox, new LaunchStdio(input.Number, output.Number, output.Number), made);
                return new LaunchedContainer(launched.Pid, (Fd)launched.PidFd);
            }
        }
        catch (Exception failed) when (failed is LaunchException or SandboxException or KernelException)
        {
            CleanUp(order);
            throw failed as KernelException ?? new KernelException(new KernelError("launch", order.Name, null, ErrnoOf(failed), failed.Message));
        }
    }

    public KernelError? CleanUp(ContainerOrder order)
    {
        KernelError? first = null;
        foreach (var attachment in order.Sandbox.Networks)
            first ??= _links.Remove(order.Name, attachment.Interface);
        return first;
    }

    public KernelError? SetInterface(ContainerOrder order, int pid, NetworkAttachment attachment)
    {
        using var net = OpenNetwork(pid);
        return _links.Set(order, net, attachment);
    }

    public KernelError? RemoveInterface(ContainerOrder order, int pid, string name) => _links.Remove(order.Name, name);

    public void Dispose()
    {
        _links.Dispose();
        _launcher.Dispose();
    }

    // 0 is a child that was killed before its program ran; nothing of it is worth another attempt at once.
    private static int ErrnoOf(Exception failed) => failed switch
    {
        LaunchException { Errno: > 0 } step => step.Errno,
        SandboxException => Errno.EINVAL,
        _ => Errno.EIO,
    };

    private static Fd OpenNetwork(int pid)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net");
        if (ProcessReader.Namespaces(pid.ToString(CultureInfo.InvariantCulture)).GetValueOrDefault("net") == ProcessReader.Namespaces("self").GetValueOrDefault("net"))
            throw new KernelException(new KernelError("setns", path, null, Errno.EINVAL, "the container shares the host's network namespace"));
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        return file ?? throw Sys.Failure("open", path, errno);
    }
}
