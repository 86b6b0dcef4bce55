using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Networks;

public sealed class NetworkReaderTests
{
    [RootFact]
    public void Read_AnAttachedContainer_ShowsItAsAttached()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(NetworkFixture.Attachment);

        var state = at.Reader.Read(web.Network);

        var eth0 = Assert.Single(state.Interfaces).Value;
        Assert.Equal(("veth", "02:00:00:88:00:02", 1500, true, "web0", web.HostEnd), (eth0.Kind, eth0.Mac, eth0.Mtu, eth0.Up, eth0.Bridge, eth0.HostEnd));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], eth0.Addresses.AsEnumerable());
        Assert.Equal([new RouteSpec("10.9.0.0/16", "10.88.0.7"), new RouteSpec("default", "10.88.0.1"), new RouteSpec("default", "fd00:88::1")], eth0.Routes.AsEnumerable());
        Assert.Empty(state.OtherRoutes);
    }

    [RootFact]
    public void Read_WhatWasPulledOutOrRemoved_Differs()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(NetworkFixture.Attachment);

        at.Host.Ip($"link set {web.HostEnd} nomaster");
        Assert.Equal((null, web.HostEnd), (web.Eth0.Bridge, web.Eth0.HostEnd));
        web.Netns.Ip("address delete 10.88.0.2/24 dev eth0");
        Assert.Equal(["fd00:88::2/64"], web.Eth0.Addresses.AsEnumerable());
        Assert.Equal([new RouteSpec("default", "fd00:88::1")], web.Eth0.Routes.AsEnumerable());
        web.Netns.Ip("route add blackhole 10.5.0.0/16");
        Assert.Equal(["10.5.0.0/16 type blackhole"], at.Reader.Read(web.Network).OtherRoutes.AsEnumerable());
        at.Host.Ip($"link delete {web.HostEnd}");
        Assert.Empty(at.Reader.Read(web.Network).Interfaces);
    }

    [RootFact]
    public void Read_ManyContainersWithEqualIndexes_FindsEachOnesOwnHostEnd()
    {
        using var at = new NetworkFixture();
        var containers = Enumerable.Range(0, 20).Select(i => new Container(at, $"web-{i}")).ToList();
        try
        {
            var errors = at.Networks.Set([.. containers.Select(static (c, i) => c.Request(NetworkFixture.Attachment with { Mac = null, Addresses = [$"10.88.1.{i}/16"], Routes = [] }))]);
            Assert.All(errors, Assert.Null);

            foreach (var some in (Container[][])[[.. containers], [.. containers.Take(3)]])
            {
                var readings = at.Reader.Read([.. some.Select(static c => c.Network)]);

                for (var i = 0; i < some.Length; i++)
                {
                    var eth0 = readings[i].State!.Interfaces["eth0"];
                    Assert.Equal((some[i].HostEnd, "web0"), (eth0.HostEnd, eth0.Bridge));
                    Assert.Equal([$"10.88.1.{i}/16"], eth0.Addresses.AsEnumerable());
                }
            }
        }
        finally
        {
            containers.ForEach(static c => c.Dispose());
        }
    }

    [RootFact]
    public void Read_ALinkWhoseOtherEndClaimsToBeAHostEnd_IsNotBelieved()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        using var below = new OwnNetns();
        web.MustSet(NetworkFixture.Attachment);
        var index = at.Host.Link(web.HostEnd)!.Value.GetProperty("ifindex").GetInt32();

        web.Netns.Ip($"link add fake type veth peer name x netns {below.Name} index {index}");

        var state = at.Reader.Read(web.Network);
        Assert.Equal((null, null), (state.Interfaces["fake"].HostEnd, state.Interfaces["fake"].Bridge));
        Assert.Equal(web.HostEnd, state.Interfaces["eth0"].HostEnd);
    }

    [RootFact]
    public void Read_OneThatIsNoNamespace_DoesNotKeepTheOthersFromIt()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at);
        web.MustSet(NetworkFixture.Attachment);
        using var pid = NetworkNamespace.Open("/proc/self/ns/uts");

        var readings = at.Reader.Read([pid, web.Network]);

        Assert.Equal(("setns", 22), (readings[0].Error!.Action, readings[0].Error!.Errno));
        Assert.Equal(web.HostEnd, readings[1].State!.Interfaces["eth0"].HostEnd);
        Assert.Throws<KernelException>(() => at.Reader.Read(pid));
        Assert.Equal(22, at.Networks.Set(new InterfaceRequest(web.Owner, pid, NetworkFixture.Attachment))!.Errno);
        Assert.Throws<KernelException>(static () => NetworkNamespace.Open("/proc/0/ns/net"));
        Assert.Equal(web.HostEnd, web.Eth0.HostEnd);
    }

    [RootFact]
    public void Read_AContainerWithRoutesWithoutEnd_IsAnErrorOfItsOwn()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var flood = new Container(at, "flood");
        web.MustSet(NetworkFixture.Attachment);
        var routes = string.Concat(Enumerable.Range(0, NetworkTables.Limit + 1).Select(static i => $"route add blackhole 10.{i >> 8}.{i & 255}.0/24\n"));
        Command.Run(flood.Netns.Exec("ip", "-batch", "-"), routes).Succeeded();

        var readings = at.Reader.Read([flood.Network, web.Network]);

        Assert.Equal((7, true), (readings[0].Error!.Errno, readings[0].State is null));
        Assert.Equal(web.HostEnd, readings[1].State!.Interfaces["eth0"].HostEnd);
        Assert.Equal(7, flood.Set(NetworkFixture.Attachment with { Mac = null })!.Errno);
        Assert.Null(at.Host.Link(flood.HostEnd));
    }

    [RootFact]
    public void Read_AndEndTheContainer_KeepsNothingAlive()
    {
        using var at = new NetworkFixture();
        string hostEnd;
        using (var web = new Container(at))
        {
            web.MustSet(NetworkFixture.Attachment);
            hostEnd = web.HostEnd;
            Assert.Equal(hostEnd, web.Eth0.HostEnd);
        }

        // The kernel takes a namespace down in its own time.
        Assert.True(SpinWait.SpinUntil(() => at.Host.Link(hostEnd) is null, TimeSpan.FromMinutes(2)));
    }
}
