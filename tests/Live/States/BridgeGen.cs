using System.Text;
using static Provision.Testing.States.StateGen;

namespace Provision.Testing.States;

/// <summary>Bridges with every setting, and the links of the lab as their ports, which they take from each other.</summary>
internal static class BridgeGen
{
    /// <summary>What starts the addresses of a bridge and of the containers on it.</summary>
    public static string Subnet(string bridge) => bridge == "web0" ? "10.88.0" : "10.89.0";

    public static string Subnet6(string bridge) => bridge == "web0" ? "fd00:88" : "fd00:89";

    public static void Write(StringBuilder text, Choices choose, Features features, IReadOnlyList<string> bridges)
    {
        var ports = Ports.ToDictionary(static p => p, p => choose.Pick(p, bridges.Count + 1));
        for (var i = 0; i < bridges.Count; i++)
            Document(text, "Bridge", bridges[i], Spec(choose, features, bridges[i], [.. ports.Where(p => p.Value == i + 1).Select(static p => p.Key)]));
    }

    private static IEnumerable<string> Spec(Choices choose, Features features, string name, IReadOnlyList<string> ports)
    {
        string One(string field, params ReadOnlySpan<string> values) => choose.Of($"{name}.{field}", values);
        var filtering = features.Vlans && choose.Is($"{name}.filtering", 40);
        yield return One("link", "", $"linkName: {name}x", $"linkName: {name}y");
        string[] addresses = [$"{Subnet(name)}.1/24", $"{Subnet(name)}.2/24", $"{Subnet(name)}.3/24", $"'{Subnet6(name)}::1/64'", $"'{Subnet6(name)}::2/64'", "'fe80::5/64'"];
        yield return List("addresses", addresses.Where((_, i) => choose.Is($"{name}.address{i}", 45)));
        yield return One("up", "", "", "up: false");
        yield return One("mtu", "", "mtu: 1500", "mtu: 1400", "mtu: 1280");
        yield return One("mac", "", "", $"macAddress: 02:00:00:dd:00:{(name == "web0" ? "01" : "02")}");
        yield return Map("stp",
            One("stp", "", "enabled: true"), One("priority", "", "priority: 4096"), One("forward", "", "forwardDelay: 4s", "forwardDelay: 17005ms"),
            One("hello", "", "helloTime: 3s"), One("age", "", "maxAge: 12s"));
        yield return One("ageing", "", "", "ageingTime: 123456ms", "ageingTime: 0s");
        yield return One("snooping", "", "", "multicastSnooping: false");
        yield return One("querier", "", "", "multicastQuerier: true");
        yield return One("interval", "", "", "multicastQueryInterval: 60010ms");
        yield return One("igmp", "", "", "multicastIgmpVersion: 3");
        yield return One("mld", "", "", "multicastMldVersion: 2");
        yield return One("mask", "", "", "groupForwardMask: 8");
        if (filtering)
            yield return "vlanFiltering: true";
        yield return List("ports", ports.Select(p => Port(choose, features, p)));
    }

    private static string Port(Choices choose, Features features, string port)
    {
        string One(string field, params ReadOnlySpan<string> values) => choose.Of($"{port}.{field}", values);
        string[] options =
        [
            $"link: {port}", One("hairpin", "", "hairpin: true"), One("isolated", "", "isolated: true"), One("cost", "", "", "cost: 7"), One("priority", "", "priority: 3"),
            features.Vlans ? One("vlans", "", "vlans: [{id: 10, pvid: true, untagged: true}, {id: 20-30}]", "vlans: [{id: 1}, {id: 10}]") : "",
        ];
        return $"{{{string.Join(", ", options.Where(static o => o.Length > 0))}}}";
    }
}
