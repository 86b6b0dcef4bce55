namespace Provision.Kernel.Sandbox;

/// <param name="To">A prefix in CIDR notation, or <c>default</c>.</param>
/// <param name="Via">The gateway's address.</param>
public sealed record RouteSpec(string To, string Via);

/// <summary>A veth pair: one end a port of a bridge of the host, the other born in the container's network namespace.</summary>
/// <param name="Interface">Its name inside: <c>eth0</c>.</param>
/// <param name="Mac">Six octets with colons; null: the kernel's choice.</param>
/// <param name="Addresses">In CIDR notation.</param>
public sealed record NetworkAttachment(
    string Bridge, string Interface, string? Mac, IReadOnlyList<string> Addresses, IReadOnlyList<RouteSpec> Routes)
{
    /// <summary>Bytes, of both ends; null: what the bridge has when the pair is made.</summary>
    public int? Mtu { get; init; }

    /// <summary>The bridge's index: it is found by it where no link has its name. Null: by its name alone.</summary>
    public int? BridgeIndex { get; init; }
}
