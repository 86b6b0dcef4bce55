using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Containers;

/// <summary>
/// Makes one interface of a container be as said: made when it is missing, else its bridge, MAC, MTU, addresses and routes
/// corrected in place; addresses and routes that are not named (but the kernel's own) go. Also kept for later starts.
/// </summary>
public sealed record ContainerNetworkSet(string Instance, string Name, NetworkAttachment Attachment) : ContainerOperation(Instance, Name)
{
    public override string Text =>
        $"set interface {Attachment.Interface} of {Name} bridge {Attachment.Bridge}{(Attachment.Mac is null ? "" : $" address {Attachment.Mac}")}{(Attachment.Mtu is null ? "" : $" mtu {Attachment.Mtu}")}"
        + string.Concat(Attachment.Addresses.Select(static a => $" {a}"))
        + string.Concat(Attachment.Routes.Select(static r => $" route {r.To} via {r.Via}"));

    public bool Equals(ContainerNetworkSet? other) => other is not null && base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>
/// Takes one interface out of a container, with the host's end; one that is not there is fine. A link that is not of ours
/// is deleted, or set down where it cannot be; of lo goes what is not its own, with the routes that lead through no other link.
/// </summary>
public sealed record ContainerNetworkRemove(string Instance, string Name, string Interface) : ContainerOperation(Instance, Name)
{
    public override string Text => $"remove interface {Interface} of {Name}";
}
