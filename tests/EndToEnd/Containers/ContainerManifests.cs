namespace Provision.EndToEnd.Containers;

/// <summary>Containers that the tests apply.</summary>
internal static class ContainerManifests
{
    /// <summary>A web server on a bridge, with limits, below a Cgroup.</summary>
    public const string Web =
        """
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: shop}
        spec: {memory: {max: 256Mi}}
        ---
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec: {addresses: [10.88.0.1/24]}
        ---
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec:
          command: [/bin/busybox]
          args: [httpd, -f, -p, "80", -h, /srv]
          mounts: [{type: tmpfs, target: /srv}]
          cgroup: shop
          resources: {memory: {max: 64Mi}, pids: {max: 32}}
          networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.2/24], routes: [{to: default, via: 10.88.0.1}]}]
          rlimits: {nofile: {soft: 512, hard: 1024}}
          restart: {backoff: {initial: 10ms}}
          stop: {timeout: 1s}

        """;

    /// <summary>One more beside <see cref="Web"/>, on the same bridge, that ends as soon as it runs.</summary>
    public const string Crashing =
        """
        ---
        apiVersion: provision/v1
        kind: Container
        metadata: {name: crash}
        spec:
          command: [/bin/busybox, "false"]
          networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.3/24]}]
          restart: {backoff: {initial: 10ms, max: 20ms}}

        """;

    /// <summary>One container without a network that runs a shell line.</summary>
    public static string Shell(string line, string more = "") =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec:
          command: [/bin/busybox, sh, -c]
          args: ["{{line}}"]
          stop: {timeout: 1s}
          {{more}}

        """;
}
