namespace Provision.EndToEnd.Containers;

/// <summary>Links of a running container that change: what moves between them, and what somebody else put there. Seen by ip.</summary>
public sealed class ContainerNetworkTests : ContainerLab
{
    private const string First = "{bridge: web0, interface: eth0, addresses: [10.88.0.2/24, \"fd00:88::2/64\"], routes: [{to: default, via: 10.88.0.1}, {to: default, via: \"fd00:88::1\"}]}";
    private const string Second = "{bridge: web1, interface: eth1, addresses: [10.89.0.2/24, \"fd00:89::2/64\"]}";

    private string Path => System.IO.Path.Combine(Lab.Directory.Path, "web.yaml");

    private void Write(params string[] networks) => Lab.Write("web.yaml",
        $$"""
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec: {addresses: [10.88.0.1/24, "fd00:88::1/64"]}
        ---
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web1}
        spec: {addresses: [10.89.0.1/24, "fd00:89::1/64"]}
        ---
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec:
          command: [/bin/busybox, sleep, "1000000"]
          stop: {signal: KILL}
          networks:
        {{string.Concat(networks.Select(static n => $"    - {n}\n"))}}
        """);

    private int Start(params string[] networks)
    {
        Write(networks);
        Lab.Apply(Path);
        return Pid(Path)!.Value;
    }

    /// <summary>One apply, after which nothing is left to do and the process is the same.</summary>
    private void Change(int pid, params string[] networks)
    {
        Write(networks);
        Lab.Apply(Path);
        Lab.Plan(0, Path);
        Assert.Equal(pid, Pid(Path));
    }

    private static string Ip(int pid, params string[] arguments) => InNetwork(pid, "ip", arguments).Succeeded().Out;

    private static string[] Lines(int pid, params string[] arguments) =>
        [.. Ip(pid, arguments).Split('\n').Select(static l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(static l => l.Length > 0)];

    private static string[] Addresses(int pid, string link) =>
        [.. Lines(pid, "-brief", "address", "show", "dev", link)[0].Split(' ').Skip(2).Where(static a => !a.StartsWith("fe80:", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private string BridgeOf(int pid, string link)
    {
        var index = Ip(pid, "-o", "link", "show", link).Split("@if")[1].Split(':')[0];
        return Lab.Netns.IpJson("link show").EnumerateArray().Single(l => l.GetProperty("ifindex").GetInt32().ToString() == index).GetProperty("master").GetString()!;
    }

    [RootFact]
    public void Apply_DefaultRoutesThatMoveToAnotherLinkAndBack_TakesOneApplyEach()
    {
        var second = Second.Replace("]}", "], routes: [{to: default, via: 10.89.0.1}, {to: default, via: \"fd00:89::1\"}]}");
        var first = First[..First.IndexOf(", routes", StringComparison.Ordinal)] + "}";
        var pid = Start(First, Second);

        Change(pid, first, second);

        Assert.Equal(["default via 10.89.0.1 dev eth1 proto 80"], Lines(pid, "route", "show", "default"));
        Assert.StartsWith("default via fd00:89::1 dev eth1", Assert.Single(Lines(pid, "-6", "route", "show", "default")), StringComparison.Ordinal);
        Change(pid, First, Second);
        Assert.Equal(["default via 10.88.0.1 dev eth0 proto 80"], Lines(pid, "route", "show", "default"));
        Assert.StartsWith("default via fd00:88::1 dev eth0", Assert.Single(Lines(pid, "-6", "route", "show", "default")), StringComparison.Ordinal);
    }

    [RootFact]
    public void Apply_AddressesThatMoveToAnotherLinkAndBack_TakesOneApplyEach()
    {
        const string plain = "{bridge: web0, interface: eth0, addresses: [10.88.0.2/24]}", more = "{bridge: web0, interface: eth0, addresses: [10.88.0.2/24, 10.88.0.9/24, \"fd00:88::9/64\"]}";
        var pid = Start(more, plain.Replace("eth0", "eth1").Replace(".2/", ".3/"));

        Change(pid, plain, more.Replace("eth0", "eth1").Replace(".2/", ".3/"));

        Assert.Equal(["10.88.0.2/24"], Addresses(pid, "eth0"));
        Assert.Equal(["10.88.0.3/24", "10.88.0.9/24", "fd00:88::9/64"], Addresses(pid, "eth1"));
        Change(pid, more, plain.Replace("eth0", "eth1").Replace(".2/", ".3/"));
        Assert.Equal(["10.88.0.2/24", "10.88.0.9/24", "fd00:88::9/64"], Addresses(pid, "eth0"));
        Assert.Equal(["10.88.0.3/24"], Addresses(pid, "eth1"));
    }

    [RootFact]
    public void Apply_LinksThatSwapTheirNames_TakesOneApply()
    {
        var pid = Start(First, Second);

        Change(pid, First.Replace("eth0", "eth1"), Second.Replace("eth1", "eth0"));

        Assert.Equal(["10.89.0.2/24", "fd00:89::2/64"], Addresses(pid, "eth0"));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], Addresses(pid, "eth1"));
        Assert.Equal(("web1", "web0"), (BridgeOf(pid, "eth0"), BridgeOf(pid, "eth1")));
        Assert.Equal(["default via 10.88.0.1 dev eth1 proto 80"], Lines(pid, "route", "show", "default"));
    }

    [RootFact]
    public void Apply_AnotherBridgeOrMac_IsChangedInPlace()
    {
        const string link = "{bridge: web0, interface: eth0, macAddress: \"02:00:00:88:00:02\"}";
        var pid = Start(link);
        var index = Ip(pid, "-o", "link", "show", "eth0").Split(':')[0];

        Change(pid, link.Replace("web0", "web1").Replace("02\"", "03\""));

        var shown = Ip(pid, "-o", "link", "show", "eth0");
        Assert.Equal(index, shown.Split(':')[0]);
        Assert.Contains("link/ether 02:00:00:88:00:03", shown, StringComparison.Ordinal);
        Assert.Equal("web1", BridgeOf(pid, "eth0"));
    }

    [RootFact]
    public void Apply_LinksThatComeAndGo_KeepTheProcess()
    {
        var pid = Start(First);

        Change(pid, First, Second);
        Assert.Equal(["10.89.0.2/24", "fd00:89::2/64"], Addresses(pid, "eth1"));
        Change(pid, Second);

        Assert.Equal(["eth1", "lo"], Lines(pid, "-brief", "link", "show").Select(static l => l.Split(' ')[0].Split('@')[0]).Order(StringComparer.Ordinal));
    }

    [RootFact]
    public void Plan_ForeignRoutesAddressesAndLinks_AreNamedAndApplyRemovesThem()
    {
        var pid = Start(First);
        foreach (var foreign in (string[])
        [
            "route add blackhole 10.5.0.0/16", "route add unreachable 10.6.0.0/16 metric 7", "route add prohibit 10.7.0.0/16", "-6 route add blackhole fd00:5::/64",
            "route add default via 10.88.0.9 metric 100", "route add 10.8.0.0/16 via 10.88.0.9 table 1000",
            "route add 10.9.0.0/16 nexthop via 10.88.0.7 nexthop via 10.88.0.8", "-6 route add fd00:9::/64 nexthop via fd00:88::7 nexthop via fd00:88::8",
            "-6 route add default via fd00:88::9 metric 5",
            "address add 10.1.2.3/32 dev lo", "link add x type bridge", "link set x up",
        ])
            Ip(pid, foreign.Split(' '));

        var change = Lab.Plan(2, Path).Change("Container/web-1");

        Assert.Equal("update", change.GetProperty("action").GetString());
        Assert.Equal(
            [
                "networks[eth0].routes[10.8.0.0/16 via 10.88.0.9 table 1000]",
                "networks[eth0].routes[10.9.0.0/16 nexthop 10.88.0.7 nexthop 10.88.0.8]",
                "networks[eth0].routes[default via 10.88.0.9 metric 100]",
                "networks[eth0].routes[default via fd00:88::9 metric 5]",
                "networks[eth0].routes[fd00:9::/64 nexthop fd00:88::7 nexthop fd00:88::8]",
                "networks[lo]",
                "networks[x]",
            ],
            change.FieldPaths().Order(StringComparer.Ordinal));
        Assert.Contains("blackhole", change.Field("networks[lo]").GetProperty("from").ToString(), StringComparison.Ordinal);
        Lab.Apply(Path);
        Lab.Plan(0, Path);
        Assert.Equal(pid, Pid(Path));
        Assert.Equal(["eth0", "lo"], Lines(pid, "-brief", "link", "show").Select(static l => l.Split(' ')[0].Split('@')[0]).Order(StringComparer.Ordinal));
        Assert.Equal(["127.0.0.1/8", "::1/128"], Addresses(pid, "lo"));
        Assert.Equal(["10.88.0.0/24 dev eth0 proto kernel scope link src 10.88.0.2", "default via 10.88.0.1 dev eth0 proto 80"], Lines(pid, "route", "show").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("blackhole", Ip(pid, "route", "show", "table", "all") + Ip(pid, "-6", "route", "show", "table", "all"), StringComparison.Ordinal);
    }

    [RootFact]
    public void Apply_NameThatSomebodyElsesLinkHasInside_IsTaken()
    {
        var pid = Start(First);
        Ip(pid, "link", "add", "eth1", "type", "bridge");

        Change(pid, First, Second);

        Assert.Equal(["10.89.0.2/24", "fd00:89::2/64"], Addresses(pid, "eth1"));
    }

    private static int Mtu(string link) => int.Parse(link.Split(" mtu ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private (int Inside, int Host) Mtus(int pid)
    {
        var inside = Ip(pid, "-o", "link", "show", "eth0");
        return (Mtu(inside), Mtu(Lab.Netns.Run("ip", "-o", "link").Succeeded().Out.Split('\n').Single(l => l.StartsWith(inside.Split("@if")[1].Split(':')[0] + ":", StringComparison.Ordinal))));
    }

    [RootFact]
    public void Apply_AnotherMtuOfTheBridge_IsFollowedByBothEndsInPlace()
    {
        var pid = Start(First);
        Assert.Equal((1500, 1500), Mtus(pid));

        foreach (var mtu in (int[])[1400, 9000])
        {
            Lab.Write("web.yaml", File.ReadAllText(Path).Replace("spec: {addresses: [10.88.0.1", $"spec: {{mtu: {mtu}, addresses: [10.88.0.1"));
            Assert.Equal(["networks[eth0].mtu"], Lab.Plan(2, Path).Change("Container/web-1").FieldPaths());
            Lab.Apply(Path);
            Lab.Plan(0, Path);
            Assert.Equal((mtu, mtu), Mtus(pid));
            Write(First);
        }

        // One of its own goes before the bridge's.
        Write(First.Replace("interface: eth0", "interface: eth0, mtu: 1300"));
        Lab.Write("web.yaml", File.ReadAllText(Path).Replace("spec: {addresses: [10.88.0.1", "spec: {mtu: 9000, addresses: [10.88.0.1"));
        Lab.Apply(Path);
        Lab.Plan(0, Path);
        Assert.Equal(pid, Pid(Path));
        Assert.Equal((1300, 1300), Mtus(pid));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], Addresses(pid, "eth0"));
    }

    [RootFact]
    public void Drift_MtuOfEitherEnd_IsFoundAndRepaired()
    {
        var pid = Start(First.Replace("interface: eth0", "interface: eth0, mtu: 1400"));
        Assert.Equal((1400, 1400), Mtus(pid));
        var end = Ip(pid, "-o", "link", "show", "eth0").Split("@if")[1].Split(':')[0];
        var host = Lab.Netns.IpJson("link show").EnumerateArray().Single(l => l.GetProperty("ifindex").GetInt32().ToString() == end).GetProperty("ifname").GetString()!;

        foreach (var damage in (Action[])[() => Ip(pid, "link", "set", "eth0", "mtu", "1350"), () => Lab.Netns.Ip($"link set {host} mtu 1350")])
        {
            damage();
            Assert.Equal(["networks[eth0].mtu"], Lab.Plan(2, Path).Change("Container/web-1").FieldPaths());
            Lab.Apply(Path);
            Lab.Plan(0, Path);
            Assert.Equal((1400, 1400), Mtus(pid));
        }

        Assert.Equal(pid, Pid(Path));
    }

    [RootFact]
    public void Apply_JoinedNetwork_IsThatOfTheOtherContainerAndTakesNoLinksOfItsOwn()
    {
        var pid = Start(First);
        const string joiner =
            """
            ---
            apiVersion: provision/v1
            kind: Container
            metadata: {name: side}
            spec:
              command: [/bin/busybox, sleep, "1000000"]
              stop: {signal: KILL}
              namespaces: {net: "container:web-1"}

            """;
        var alone = File.ReadAllText(Path);
        Lab.Write("web.yaml", alone + joiner);

        Lab.Apply(Path);

        Lab.Plan(0, Path);
        var side = Pid(Path, "side")!.Value;
        Assert.Equal(new FileInfo($"/proc/{pid}/ns/net").LinkTarget, new FileInfo($"/proc/{side}/ns/net").LinkTarget);
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], Addresses(side, "eth0"));
        // What somebody adds there is the owner's drift alone.
        Ip(side, "address", "add", "10.88.0.77/24", "dev", "eth0");
        Assert.Equal(["Container/web-1 update"], Lab.Plan(2, Path).Actions());
        Lab.Apply(Path);
        Assert.Equal((pid, side), (Pid(Path), Pid(Path, "side")));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], Addresses(side, "eth0"));
        Lab.Write("wrong.yaml", alone + joiner.TrimEnd() + "\n  networks: [{bridge: web1, interface: eth1}]\n");
        Assert.Contains("PV5009", Lab.Run("validate", "-f", System.IO.Path.Combine(Lab.Directory.Path, "wrong.yaml")).Exited(3).Err, StringComparison.Ordinal);
        Lab.Write("web.yaml", alone);
        Lab.Apply(Path, "--prune");
        Assert.Equal(pid, Pid(Path));
    }
}
