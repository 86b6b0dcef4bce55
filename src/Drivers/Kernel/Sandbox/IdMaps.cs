namespace Provision.Kernel.Sandbox;

/// <summary>One line of /proc/PID/uid_map or gid_map (user_namespaces(7)).</summary>
/// <param name="Container">First id inside.</param>
/// <param name="Host">First id of the host.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record IdRange(uint Container, uint Host, uint Count);

/// <summary>Both maps of a user namespace; at most 340 ranges each, none overlapping.</summary>
public sealed record IdMaps(IReadOnlyList<IdRange> Uid, IReadOnlyList<IdRange> Gid);
