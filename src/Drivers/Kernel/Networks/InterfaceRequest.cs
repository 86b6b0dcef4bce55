using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>One interface that a container is to have.</summary>
/// <param name="Network">A descriptor of the container's network namespace, from <see cref="NetworkNamespace.Open"/>.</param>
public sealed record InterfaceRequest(NetworkOwner Owner, SafeHandle Network, NetworkAttachment Attachment);

/// <summary>A request under way.</summary>
internal sealed class InterfaceWork(InterfaceRequest request, DesiredInterface desired)
{
    public InterfaceRequest Request { get; } = request;

    public DesiredInterface Desired { get; set; } = desired;

    public NetworkOwner Owner => Request.Owner;

    public string HostEnd { get; } = request.Owner.HostEnd(desired.Name);

    /// <summary>The host's end as last read; null before it is there.</summary>
    public Link? Host { get; set; }

    /// <summary>True when the pair was made by this call, and goes if the rest fails.</summary>
    public bool Made { get; set; }

    /// <summary>True when the pair of an earlier start was removed for it.</summary>
    public bool Replaced { get; set; }

    /// <summary>True when something was done that a failure leaves behind.</summary>
    public bool Changed { get; set; }

    public KernelError? Error { get; private set; }

    public void Fail(KernelError error) => Error ??= error;

    public void Fail(string action, int errno, string detail) => Fail(new KernelError(action, HostEnd, $"{Desired.Name} of {Owner.Container}", errno, detail));
}
