namespace Provision.EndToEnd;

/// <summary>Manifests that the tests apply.</summary>
internal static class Manifests
{
    /// <summary>Two nested cgroups and a bridge.</summary>
    public const string Shop = Cgroups + "---\n" + Bridge;

    public const string Cgroups =
        """
        apiVersion: provision/v1
        kind: Cgroup
        metadata:
          name: shop
        spec:
          memory: {max: 256Mi}
          pids: {max: 64}
        ---
        apiVersion: provision/v1
        kind: Cgroup
        metadata:
          name: web
        spec:
          parent: shop
          memory: {max: 128Mi}

        """;

    public const string Bridge =
        """
        apiVersion: provision/v1
        kind: Bridge
        metadata:
          name: web0
        spec:
          addresses: [10.88.0.1/24, "fd00:88::1/64"]
          mtu: 1400
          macAddress: 02:00:00:88:00:01

        """;

    /// <summary>One cgroup a number, each with a limit of its own.</summary>
    public static string ManyCgroups(int count) => string.Join("---\n", Enumerable.Range(1, count).Select(static i =>
        $$"""
        apiVersion: provision/v1
        kind: Cgroup
        metadata:
          name: many-{{i}}
        spec:
          pids: {max: {{1000 + i}}}

        """));

    /// <summary>One bridge a number, each with an address of its own; at most 250.</summary>
    public static string ManyBridges(int count) => string.Join("---\n", Enumerable.Range(1, count).Select(static i =>
        $$"""
        apiVersion: provision/v1
        kind: Bridge
        metadata:
          name: many{{i}}
        spec:
          addresses: [10.89.{{i}}.1/24]
          mtu: {{1300 + i}}

        """));
}
