namespace Provision.EndToEnd;

/// <summary>
/// Two states of one stack over all kinds. From <see cref="First"/> to <see cref="Second"/> every kind is changed in place,
/// a container is replaced, one is removed and one made; <see cref="Keeper"/> is of another stack and must not notice.
/// </summary>
internal sealed class CrashManifests(Lab lab)
{
    public const string KeeperStack = "kept";

    public string First { get; } = lab.Write("first.yaml", string.Join("---\n",
        Cgroup("shop", "memory: {max: 256Mi}, pids: {max: 64}"),
        Cgroup("depot", "devices: {default: deny, allow: [{path: /dev/null, access: rwm}, {type: char, major: 211, minor: \"7\", access: r}]}"),
        Bridge("10.88.0.1/24", 1400),
        Profile("CAP_NET_BIND_SERVICE"),
        Container(lab, "web", "first",
            """
            cgroup: shop
              resources: {memory: {max: 64Mi}, pids: {max: 32}}
              security: web
              mounts: [{type: tmpfs, target: /srv, size: 1Mi}, {source: /usr/share, target: /mnt, readOnly: true}]
              networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.2/24], routes: [{to: default, via: 10.88.0.1}]}]
              rlimits: {nofile: {soft: 512, hard: 1024}}
            """),
        Container(lab, "mapped", "first",
            """
            namespaces: {user: private}
              idMap: {uid: [{container: 0, host: 100000, count: 65536}], gid: [{container: 0, host: 100000, count: 65536}]}
              networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.3/24]}]
            """),
        Container(lab, "old", "first", "networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.4/24]}]")));

    public string Second { get; } = lab.Write("second.yaml", string.Join("---\n",
        Cgroup("shop", "memory: {max: 192Mi}, cpu: {weight: 300}"),
        Cgroup("depot", "devices: {default: deny, allow: [{path: /dev/null, access: rwm}, {type: char, major: 211, minor: \"8\", access: rw}]}"),
        Bridge("10.88.0.9/24", 1300),
        Profile("CAP_NET_BIND_SERVICE"),
        Container(lab, "web", "first",
            """
            cgroup: shop
              resources: {memory: {max: 48Mi}, pids: {max: 16}}
              security: web
              mounts: [{type: tmpfs, target: /srv, size: 1Mi}, {source: /usr/share, target: /mnt, readOnly: true}]
              networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.12/24]}, {bridge: web0, interface: eth1, addresses: [10.88.0.22/24]}]
              rlimits: {nofile: {soft: 256, hard: 1024}}
              restart: {policy: OnFailure}
            """),
        Container(lab, "mapped", "second",
            """
            namespaces: {user: private}
              idMap: {uid: [{container: 0, host: 100000, count: 65536}], gid: [{container: 0, host: 100000, count: 65536}]}
              networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.3/24]}]
            """),
        Container(lab, "new", "first", "networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.5/24]}]")));

    public string Keeper { get; } = lab.Write("keeper.yaml", string.Join("---\n",
        "apiVersion: provision/v1\nkind: Bridge\nmetadata: {name: keep0}\nspec: {addresses: [10.87.0.1/24]}\n",
        Container(lab, "keeper", "kept", "networks: [{bridge: keep0, interface: eth0, addresses: [10.87.0.2/24]}]")));

    /// <summary>The instance's name is an argument, so that the process is known as the lab's wherever it got to.</summary>
    public static string Container(Lab lab, string name, string version, string more) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: {{name}}}
        spec:
          command: [/bin/busybox]
          args: [sh, -c, "echo started; sleep 100000; :", {{lab.Instance.Name}}, {{version}}]
          stop: {timeout: 10ms}
          {{more}}

        """;

    private static string Cgroup(string name, string spec) =>
        $$"""
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: {{name}}}
        spec: { {{spec}} }

        """;

    private static string Bridge(string address, int mtu) =>
        $$"""
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec: {addresses: [{{address}}], mtu: {{mtu}} }

        """;

    private static string Profile(string capability) =>
        $$"""
        apiVersion: provision/v1
        kind: SecurityProfile
        metadata: {name: web}
        spec: {capabilities: {keep: [{{capability}}]} }

        """;
}
