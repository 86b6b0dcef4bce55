namespace Provision.Testing;

/// <summary>
/// Names of objects that tests make: <c>PREFIX-PID-RANDOM</c>, both in hex. The pid tells the sweep after a
/// crashed run (scripts/leftovers.sh) that nobody uses the object any more.
/// </summary>
public static class UniqueName
{
    public static string Of(string prefix) =>
        $"{prefix}-{Environment.ProcessId:x}-{Random.Shared.Next(0x1000000):x6}";

    /// <summary>At most 11 bytes, so that four more fit into a link's name (IFNAMSIZ).</summary>
    public static string OfLink(string prefix) => $"{prefix}{Random.Shared.Next(0x1000000):x6}";
}
