using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Networks;

public sealed class ContainerNetworksTests
{
    private static readonly NetworkAttachment Wanted = NetworkFixture.Attachment;

    [RootFact]
    public void Set_ANewInterface_IsThereAsIpShowsIt()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);

        web.MustSet(Wanted);

        var inside = web.Netns.Link("eth0")!.Value;
        Assert.Equal(("02:00:00:88:00:02", true), (inside.GetProperty("address").GetString(), IsUp(inside)));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], web.Netns.Addresses("eth0"));
        Assert.Equal(["10.9.0.0/16 via 10.88.0.7 proto 80", "default via 10.88.0.1 proto 80"], web.Routes());
        Assert.Equal(["default via fd00:88::1 proto 80"], web.Routes("-6"));
        var outside = at.Host.Link(web.HostEnd)!.Value;
        Assert.Equal(("web0", true), (outside.GetProperty("master").GetString(), IsUp(outside)));
        Assert.Equal(web.Owner.Alias("eth0"), outside.GetProperty("ifalias").GetString());
        Assert.Equal($"{web.Owner.Group}", outside.GetProperty("group").GetString());
    }

    [RootFact]
    public void Set_TwoContainers_ReachEachOtherInBothFamilies()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var db = new Container(at, "db-1");
        web.MustSet(Wanted);
        db.MustSet(Wanted with { Mac = null, Addresses = ["10.88.0.3/24", "fd00:88::3/64"] });

        foreach (var address in (string[])["10.88.0.2", "fd00:88::2"])
        {
            using var server = web.Netns.Inside(() =>
            {
                var listener = new TcpListener(IPAddress.Parse(address), 80);
                listener.Start();
                return listener;
            });
            using var client = db.Netns.Inside(() =>
            {
                var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Parse(address), 80);
                return socket;
            });
            using var accepted = server.AcceptSocket();
            client.Send("hello"u8);
            client.Shutdown(SocketShutdown.Send);
            using var stream = new StreamReader(new NetworkStream(accepted));
            Assert.Equal("hello", stream.ReadToEnd());
        }
    }

    [RootFact]
    public void Set_Twice_ChangesNothing()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        using var directory = new OwnDirectory();
        web.MustSet(Wanted);
        AwaitSettled(web.Netns, "eth0");
        AwaitSettled(at.Host, web.HostEnd);
        var (inside, outside) = ($"{directory.Path}/inside", $"{directory.Path}/outside");
        using var insideMonitor = new RunningCommand(web.Netns.Exec("sh", "-c", $"exec ip monitor link address route > {inside}"));
        using var outsideMonitor = new RunningCommand(at.Host.Exec("sh", "-c", $"exec ip monitor link address route > {outside}"));
        // The first marker proves that a monitor listens, the second comes after whatever the second call changes.
        AwaitMarker(web.Netns, inside, "first");
        AwaitMarker(at.Host, outside, "first");
        var before = (File.ReadAllText(inside).Length, File.ReadAllText(outside).Length);

        web.MustSet(Wanted);

        AwaitMarker(web.Netns, inside, "second");
        AwaitMarker(at.Host, outside, "second");
        Assert.DoesNotContain("eth0", File.ReadAllText(inside)[before.Item1..], StringComparison.Ordinal);
        Assert.DoesNotContain(web.HostEnd, File.ReadAllText(outside)[before.Item2..], StringComparison.Ordinal);
    }

    [RootFact]
    public void Set_ChangedFields_ChangesThemInPlace()
    {
        using var at = new NetworkFixture();
        at.Host.Ip("link add web1 up type bridge");
        using var web = new Container(at);
        web.MustSet(Wanted);
        var (inside, outside) = (Index(web.Netns, "eth0"), Index(at.Host, web.HostEnd));

        web.MustSet(new NetworkAttachment(
            "web1", "eth0", "02:00:00:88:00:77", ["10.88.0.5/24", "10.88.0.2/24", "10.77.0.2/16"], [new("default", "10.77.0.1"), new("10.9.0.0/16", "10.88.0.8")]));

        Assert.Equal((inside, outside), (Index(web.Netns, "eth0"), Index(at.Host, web.HostEnd)));
        Assert.Equal("web1", at.Host.Link(web.HostEnd)!.Value.GetProperty("master").GetString());
        Assert.Equal("02:00:00:88:00:77", web.Netns.Link("eth0")!.Value.GetProperty("address").GetString());
        Assert.Equal(["10.77.0.2/16", "10.88.0.2/24", "10.88.0.5/24"], web.Netns.Addresses("eth0"));
        Assert.Equal(["10.9.0.0/16 via 10.88.0.8 proto 80", "default via 10.77.0.1 proto 80"], web.Routes());

        // The primary goes and takes the others of its network along; the last of all takes every route along.
        web.MustSet(new NetworkAttachment("web1", "eth0", null, ["10.88.0.5/24"], [new("default", "10.88.0.1")]));
        Assert.Equal(["10.88.0.5/24"], web.Netns.Addresses("eth0"));
        Assert.Equal(["default via 10.88.0.1 proto 80"], web.Routes());
        web.MustSet(new NetworkAttachment("web1", "eth0", null, ["10.88.0.6/24"], [new("default", "10.88.0.1")]));
        Assert.Equal(["10.88.0.6/24"], web.Netns.Addresses("eth0"));
        Assert.Equal(["default via 10.88.0.1 proto 80"], web.Routes());
        web.MustSet(new NetworkAttachment("web1", "eth0", null, [], []));
        Assert.Empty(web.Netns.Addresses("eth0"));
        Assert.Equal((inside, outside), (Index(web.Netns, "eth0"), Index(at.Host, web.HostEnd)));
    }

    [RootTheory]
    [InlineData("link set eth0 down")]
    [InlineData("address flush dev eth0")]
    [InlineData("address add 10.66.0.1/24 dev eth0")]
    [InlineData("address change 10.88.0.2/24 dev eth0 valid_lft 1000 preferred_lft 1000")]
    [InlineData("route delete default")]
    [InlineData("route add 10.55.0.0/16 via 10.88.0.9 metric 7")]
    [InlineData("route add 10.55.0.0/16 via 10.88.0.9 table 1000")]
    [InlineData("route add 10.55.0.0/16 via 10.88.0.9 proto kernel")]
    [InlineData("route add 10.55.0.0/16 nexthop via 10.88.0.9 dev eth0 nexthop via 10.88.0.8 dev eth0")]
    [InlineData("route add fd00:55::/64 nexthop via fd00:88::9 dev eth0 nexthop via fd00:88::8 dev eth0")]
    [InlineData("route add 10.55.0.0/16 via inet6 fd00:88::9 dev eth0")]
    [InlineData("route add 10.55.0.0/16 dev eth0")]
    [InlineData("route add default via fd00:88::9 dev eth0 metric 5")]
    [InlineData("link set eth0 address 02:00:00:00:00:99")]
    [InlineData("link set eth0 down; link set eth0 name eth9")]
    [InlineData("link delete eth0")]
    public void Set_AfterDamageInside_IsWholeAgain(string damage)
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(Wanted);
        var before = Picture(web);
        foreach (var one in damage.Split("; "))
            web.Netns.Ip(one);
        Assert.NotEqual(before, at.Reader.Read(web.Network).Interfaces.TryGetValue("eth0", out _) ? Picture(web) : "");

        web.MustSet(Wanted);

        Assert.Equal(before, Picture(web));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], web.Netns.Addresses("eth0"));
        Assert.Equal(["10.9.0.0/16 via 10.88.0.7 proto 80", "default via 10.88.0.1 proto 80"], web.Routes());
        Assert.Equal(["default via fd00:88::1 proto 80"], web.Routes("-6"));
    }

    [RootTheory]
    [InlineData("link set {0} down")]
    [InlineData("link set {0} nomaster")]
    [InlineData("link set {0} group 7")]
    [InlineData("link set {0} alias ''")]
    [InlineData("link set {0} alias text group 7")]
    [InlineData("link delete {0}")]
    [InlineData("link set {0} down; ip link set {0} name stray")]
    public void Set_AfterDamageOnTheHost_IsWholeAgainOrToldOf(string damage)
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(Wanted);
        at.Host.Run("sh", "-c", "ip " + damage.Replace("{0}", web.HostEnd, StringComparison.Ordinal)).Succeeded();

        var error = web.Set(Wanted);

        // With another alias and another group it is another's for all that can be known.
        var taken = damage.Contains("text", StringComparison.Ordinal);
        Assert.Equal(taken ? 17 : null, error?.Errno);
        if (taken)
            return;
        var outside = at.Host.Link(web.HostEnd)!.Value;
        Assert.Equal(("web0", true, web.Owner.Alias("eth0"), $"{web.Owner.Group}"), (
            outside.GetProperty("master").GetString(), IsUp(outside), outside.GetProperty("ifalias").GetString(), outside.GetProperty("group").GetString()));
    }

    [RootFact]
    public void Set_AfterARestartWhileTheOldNamespaceLives_TakesTheNameOver()
    {
        using var at = new NetworkFixture();
        using var old = new Container(at);
        old.MustSet(Wanted);
        using var restarted = new Container(at);

        restarted.MustSet(Wanted);

        Assert.Null(old.Netns.Link("eth0"));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], restarted.Netns.Addresses("eth0"));
        Assert.Equal(restarted.HostEnd, restarted.Eth0.HostEnd);
    }

    [RootFact]
    public void Set_Refused_SaysWhyAndLeavesNothing()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        at.Host.Ip("link add dummy0 type veth peer name dummy1");

        var missing = web.Set(Wanted with { Bridge = "web7" })!;
        Assert.Equal((19, false), (missing.Errno, missing.Halfway));
        Assert.Contains("there is no bridge web7", missing.ToString(), StringComparison.Ordinal);
        Assert.Equal(22, web.Set(Wanted with { Bridge = "dummy0" })!.Errno);
        var unreachable = web.Set(Wanted with { Routes = [new("default", "192.0.2.1"), new("10.9.0.0/16", "10.88.0.7")] })!;
        Assert.Equal((101, false), (unreachable.Errno, unreachable.Halfway));
        Assert.Contains("eth0 of web-1 add route default via 192.0.2.1", unreachable.ToString(), StringComparison.Ordinal);
        Assert.Null(at.Host.Link(web.HostEnd));

        web.Netns.Ip("link add eth0 type bridge");
        Assert.Equal(17, web.Set(Wanted)!.Errno);
        Assert.Equal("bridge", web.Netns.Link("eth0")!.Value.GetProperty("linkinfo").GetProperty("info_kind").GetString());
        at.Host.Ip($"link add {web.Owner.HostEnd("eth1")} type bridge");
        Assert.Equal(17, web.Set(Wanted with { Interface = "eth1" })!.Errno);
    }

    [RootFact]
    public void Set_RefusedOnAnInterfaceThatIsThere_EndsHalfwayAndKeepsIt()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(Wanted);

        var error = web.Set(Wanted with { Addresses = ["10.88.0.9/24"], Routes = [new("default", "192.0.2.1")] })!;

        Assert.Equal((101, true), (error.Errno, error.Halfway));
        web.MustSet(Wanted);
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], web.Netns.Addresses("eth0"));
    }

    [RootFact]
    public void Set_ARouteThatMovesToAnotherInterface_MovesIt()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        var other = Wanted with { Interface = "eth1", Mac = null, Addresses = ["10.77.0.2/24"], Routes = [new("default", "10.77.0.1")] };
        web.MustSet(Wanted);
        Assert.Equal((17, false), (web.Set(other)!.Errno, web.Netns.Link("eth1") is not null));

        Assert.All(at.Networks.Set([web.Request(other), web.Request(Wanted with { Routes = [] })]), Assert.Null);

        Assert.Equal("eth1", web.Netns.IpJson("route show default")[0].GetProperty("dev").GetString());
    }

    [RootFact]
    public void Set_TheSameInterfaceTwiceInOneGo_IsRefusedOnce()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);

        Assert.Equal([null, 22], at.Networks.Set([web.Request(Wanted), web.Request(Wanted)]).Select(static e => e?.Errno));
    }

    [RootFact]
    public void Set_WithoutIPv6InTheContainer_SaysSo()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.Netns.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6").Succeeded();

        var error = web.Set(Wanted)!;

        Assert.Equal(13, error.Errno);
        Assert.Contains("disable_ipv6", error.Detail, StringComparison.Ordinal);
        web.MustSet(Wanted with { Addresses = ["10.88.0.2/24"], Routes = [new("default", "10.88.0.1")] });
    }

    [RootFact]
    public void Detach_AnInterface_LeavesTheOthers()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var db = new Container(at, "db-1");
        web.MustSet(Wanted);
        web.MustSet(Wanted with { Interface = "eth1", Mac = null, Addresses = ["10.88.0.4/24"], Routes = [] });
        db.MustSet(Wanted with { Mac = null, Addresses = ["10.88.0.3/24"], Routes = [] });

        Assert.Null(at.Networks.Detach(web.Owner, "eth0"));
        Assert.Null(at.Networks.Detach(web.Owner, "eth0"));
        Assert.Null(web.Netns.Link("eth0"));
        Assert.NotNull(web.Netns.Link("eth1"));

        web.MustSet(Wanted);
        Assert.Null(at.Networks.DetachAll(web.Owner));
        Assert.Equal(["eth0", "eth1"], ((string[])["eth0", "eth1"]).Where(n => web.Netns.Link(n) is null && at.Host.Link(web.Owner.HostEnd(n)) is null));
        Assert.NotNull(at.Host.Link(db.HostEnd));
    }

    private static string Picture(Container container)
    {
        var eth0 = container.Eth0;
        return $"{eth0.Mac} {eth0.Up} {eth0.Bridge} {string.Join(',', eth0.Addresses)} {string.Join(',', eth0.Routes)}";
    }

    // What the kernel does by itself after a link came up: carrier, and a link-local address that nobody else has.
    private static void AwaitSettled(OwnNetns netns, string link) => Assert.True(SpinWait.SpinUntil(
        () => netns.IpJson($"address show dev {link}")[0] is var shown
            && shown.GetProperty("operstate").GetString() == "UP"
            && shown.GetProperty("addr_info").EnumerateArray().Any(static a => a.GetProperty("scope").GetString() == "link")
            && !shown.GetProperty("addr_info").EnumerateArray().Any(static a => a.TryGetProperty("tentative", out _)),
        TimeSpan.FromMinutes(2)));

    private static void AwaitMarker(OwnNetns netns, string output, string marker)
    {
        // Each try makes another link, as the first may come before the monitor listens.
        var tries = 0;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                netns.Ip($"link add {marker}{tries++} type bridge");
                return File.Exists(output) && File.ReadAllText(output).Contains(marker, StringComparison.Ordinal);
            },
            TimeSpan.FromMinutes(2)));
    }

    private static int Index(OwnNetns netns, string link) => netns.Link(link)!.Value.GetProperty("ifindex").GetInt32();

    private static bool IsUp(JsonElement link) => link.GetProperty("flags").EnumerateArray().Any(static f => f.GetString() == "UP");
}
