namespace Provision.EndToEnd;

/// <summary>
/// What a test must leave as it was: the host's own links, addresses and routes, and every cgroup but those of other
/// instances, which are other runs of the program at the same time, and those that Podman makes for itself while its
/// tests run beside.
/// </summary>
internal sealed record HostState(string Links, string Addresses, string Routes, string Cgroups)
{
    public static HostState Read() => new(
        Command.Run("ip", "-brief link").Succeeded().Out,
        Command.Run("ip", "-brief address").Succeeded().Out,
        Command.Run("ip", "-4 route show table all").Succeeded().Out,
        string.Join('\n', Hierarchies.All
            .SelectMany(Directory.EnumerateDirectories)
            .Where(static path => Path.GetFileName(path) is not ("podman_probe" or "libpod_parent") && !Path.GetFileName(path).StartsWith("provision-", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)));
}
