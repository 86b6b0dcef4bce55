using System.Text;
using static Provision.Testing.States.StateGen;

namespace Provision.Testing.States;

/// <summary>Up to three containers below the Cgroups and on the Bridges of the set, and the profiles that they name.</summary>
internal sealed class ContainerGen(Choices choose, Features features, string root, IReadOnlyList<string> cgroups, IReadOnlyList<string> bridges)
{
    private static readonly string[] Names = ["k1", "k2", "k3"];

    public void Write(StringBuilder text)
    {
        var profiles = ((string[])["p1", "p2"]).Where(p => choose.Is($"{p}.is", 50)).ToList();
        foreach (var profile in profiles)
            Document(text, "SecurityProfile", profile, Security($"{profile}."));
        var names = Names.Where(n => choose.Is($"{n}.is", n == "k1" ? 85 : 45)).ToList();
        foreach (var name in names)
            Document(text, "Container", name, Spec(name, Array.IndexOf(Names, name), name != "k1" && names.Contains("k1"), profiles));
    }

    private IEnumerable<string> Spec(string name, int number, bool joins, List<string> profiles)
    {
        string One(string field, params ReadOnlySpan<string> values) => choose.Of($"{name}.{field}", values);
        var net = joins ? One("net", "", "", "net: \"container:k1\"") : "";
        yield return $"rootfs: {{directory: {root}}}";
        yield return "command: [/bin/sleep]";
        yield return One("args", "args: [\"100000\"]", "args: [\"100000\"]", "args: [\"100001\"]");
        yield return One("env", "", "", "", "env: {A: b}");
        yield return One("dir", "", "", "", "workingDir: /bin");
        var user = One("user", "", "", "", "user: {uid: 7, gid: 8, groups: [9]}");
        yield return user;
        yield return One("hostname", "", "hostname: other", "hostname: third");
        yield return Map("namespaces", net, joins ? One("ipc", "", "", "", "ipc: \"container:k1\"") : "", One("time", "", "", "", "time: private"));
        yield return One("mounts", "", "", "mounts: [{type: tmpfs, target: /run, size: 1Mi}]");
        yield return One("cgroup", ["", .. cgroups.Select(static c => $"cgroup: {c}")]);
        yield return Map("resources", new CgroupGen(choose, features).Limits($"{name}.", 2, 16));
        if (net.Length == 0)
        {
            yield return List("networks", Networks(name, number));
            yield return One("sysctl", "", "", "", "sysctls: {net.ipv4.ip_unprivileged_port_start: \"80\"}");
        }

        var security = choose.Pick($"{name}.security", profiles.Count + 2);
        yield return security switch
        {
            0 => "",
            1 => Map("security", Security($"{name}.")),
            _ => $"security: {profiles[security - 2]}",
        };
        yield return features.Resource
            ? One("rlimits", "", "rlimits: {nofile: {soft: 100, hard: 200}}", "rlimits: {nofile: {soft: 150, hard: 300}, core: {soft: 0, hard: 0}}")
            : One("rlimits", "rlimits: {nofile: {soft: 100, hard: 200}}", user.Length == 0 ? "rlimits: {nofile: {soft: 150, hard: 200}}" : "rlimits: {nofile: {soft: 100, hard: 200}}");
        yield return One("oom", "", "oomScoreAdj: 500", features.Resource ? "oomScoreAdj: -5" : "oomScoreAdj: 7");
        if (name != "k1")
            yield return One("running", "", "", "", "running: false");
        yield return One("restart", "", "restart: {policy: Never}", "restart: {policy: OnFailure, backoff: {initial: 1s, max: 2s}, maxRetries: 3}");
        yield return $"stop: {{signal: KILL{One("timeout", "", ", timeout: 20s")}}}";
        yield return One("logging", "", "logging: {maxSize: 8192}", "logging: {maxFiles: 9}");
    }

    // An interface a bridge at most; addresses belong to the bridge, so that they move with it from link to link.
    private IEnumerable<string> Networks(string name, int number)
    {
        var order = choose.Is($"{name}.crossed", 30) ? bridges.Reverse() : bridges;
        var nic = 0;
        var gateway = choose.Pick($"{name}.default", 3);
        foreach (var bridge in order)
            if (choose.Is($"{name}.{bridge}", 60))
                yield return Network(name, number, bridge, $"eth{nic++}", gateway == nic);
    }

    private string Network(string name, int number, string bridge, string nic, bool gateway)
    {
        string One(string field, params ReadOnlySpan<string> values) => choose.Of($"{name}.{bridge}.{field}", values);
        var (four, six) = (BridgeGen.Subnet(bridge), BridgeGen.Subnet6(bridge));
        var more = One("address", "", "", $"{four}.{20 + number}/24", $"'{six}::{20 + number}/64'");
        string[] members =
        [
            $"bridge: {bridge}", $"interface: {nic}", List("addresses", $"{four}.{10 + number}/24", more),
            One("mac", "", "", $"macAddress: 02:00:00:dd:{number + 1}0:{(bridge == "web0" ? "01" : "02")}"), One("mtu", "", "", "mtu: 1400", "mtu: 1300"),
            List("routes", gateway ? $"{{to: default, via: {four}.1}}" : "", bridge == "web0" ? One("route", "", "", $"{{to: 192.0.2.0/24, via: {four}.9}}") : ""),
        ];
        return $"{{{string.Join(", ", members.Where(static m => m.Length > 0))}}}";
    }

    private IEnumerable<string> Security(string name)
    {
        yield return choose.Of($"{name}caps", "", "", "capabilities: {keep: []}", "capabilities: {keep: [CAP_KILL, CAP_CHOWN], ambient: [CAP_KILL]}");
        yield return choose.Of($"{name}seccomp", "", "", "", "seccomp: unconfined");
        yield return choose.Of($"{name}privileges", "", "", "", "noNewPrivileges: false");
        yield return choose.Of($"{name}masked", "", "", "", "maskedPaths: [/proc/kcore]");
        yield return choose.Of($"{name}readonly", "", "", "", "readonlyPaths: [/proc/sys]");
    }
}
