using CsCheck;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>Any declared state to any other, on the real kernel: converged in one apply, and back after a refusal.</summary>
public sealed class BridgePropertyTests
{
    private static readonly string[] Addresses = ["10.88.0.1/24", "10.88.0.2/24", "10.88.0.3/24", "10.89.0.1/16", "'fd00:88::1/64'", "'fd00:88::2/64'", "'fe80::5/64'"];
    private static readonly string[] Ports = ["eth1", "eth2", "eth3"];

    private static readonly Gen<string> Port = Gen.Select(
        Gen.Bool, Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 63],
        static (hairpin, isolated, cost, priority) =>
            $"hairpin: {Text(hairpin)}, isolated: {Text(isolated)}{(cost == 0 ? "" : $", cost: {cost * 7}")}, priority: {priority}");

    private static readonly Gen<string> Spec = Gen.Select(
        Gen.Select(Gen.Int[0, 127], Gen.Bool, Gen.Int[0, 4], Gen.Bool),
        Gen.Select(Gen.Bool, Gen.Int[2000, 30_000], Gen.Int[1000, 10_000], Gen.Int[0, 65535]),
        Gen.Select(Gen.Int[0, 700_000], Gen.Bool, Gen.Int[0, 31], Gen.Bool),
        Gen.Select(Gen.Int[0, 7], Port, Port, Port),
        static (link, stp, rest, ports) => string.Join("; ",
        [
            $"linkName: {(link.Item4 ? "web0" : "web1")}",
            $"addresses: [{string.Join(", ", Addresses.Where((_, i) => (link.Item1 & (1 << i)) != 0))}]",
            $"up: {Text(link.Item2)}",
            .. link.Item3 == 0 ? (string[])[] : [$"mtu: {1280 + (link.Item3 * 60)}"],
            $"stp: {{enabled: {Text(stp.Item1)}, forwardDelay: {stp.Item2}ms, helloTime: {stp.Item3}ms, priority: {stp.Item4}}}",
            $"ageingTime: {rest.Item1}ms",
            $"multicastSnooping: {Text(rest.Item2)}",
            $"multicastQuerier: {Text(rest.Item4)}; multicastQueryInterval: {1000 + rest.Item1}ms; multicastIgmpVersion: {2 + (rest.Item3 & 1)}",
            $"groupForwardMask: {rest.Item3 * 8}",
            .. rest.Item4 ? (string[])["macAddress: 02:00:00:88:00:01"] : [],
            $"ports: [{string.Join(", ", Ports.Select((p, i) => (Name: p, Options: new[] { ports.Item2, ports.Item3, ports.Item4 }[i], On: (ports.Item1 & (1 << i)) != 0)).Where(static p => p.On).Select(static p => $"{{link: {p.Name}, {p.Options}}}"))}]",
        ]));

    [RootFact]
    public void Apply_AnyStateToAnyOther_ConvergesAndUnwinds()
    {
        using var bench = new BridgeBench();
        foreach (var port in Ports)
            bench.Netns.Ip($"link add {port} type veth peer name {port}p");
        bench.Netns.Ip("link set eth2 mtu 1450");

        Gen.Select(Spec, Spec, Gen.Int[0, 1000]).Sample(
            (before, after, failure) =>
            {
                var (a, b) = (BridgeBench.Parse(BridgeBench.Manifest("web", before)), BridgeBench.Parse(BridgeBench.Manifest("web", after)));
                bench.Converge(a);
                var operations = bench.Operations(b);
                if (operations.Length > 0)
                {
                    bench.Refuse = operations[failure % operations.Length];
                    Assert.Equal(ApplyOutcome.RolledBack, bench.Apply(b).Outcome);
                    Assert.Empty(bench.Operations(a));
                }

                bench.Converge(b);
            },
            iter: 40,
            threads: 1);
    }

    private static string Text(bool flag) => flag ? "true" : "false";
}
