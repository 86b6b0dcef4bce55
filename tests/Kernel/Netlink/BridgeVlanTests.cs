namespace Provision.Kernel.Netlink;

/// <summary>VLANs are compiled out of the everyday kernel, so these bytes follow linux/if_bridge.h.</summary>
public sealed class BridgeVlanTests
{
    [Fact]
    public void TryParse_RangesAndSingles_AreJoinedInOrder()
    {
        var writer = new NetlinkWriter();
        writer.Begin(MessageType.NewLink, 0);
        writer.LinkHeader(Family.Bridge, 7);
        var spec = writer.BeginNest(LinkAttribute.AfSpec);
        Info(writer, 0x08, 20);
        Info(writer, 0x10, 30);
        Info(writer, 0x06, 1);
        Info(writer, 0x00, 31);
        Info(writer, 0x04, 40);
        writer.EndNest(spec);
        writer.End();

        Assert.True(BridgeVlanParser.TryParse(writer.Written[16..], out var link, out var vlans));

        Assert.Equal(7, link);
        Assert.Equal([new BridgeVlan(1, 1, true, true), new BridgeVlan(20, 31, false, false), new BridgeVlan(40, 40, false, true)], vlans);
    }

    [Fact]
    public void TryParse_RangeThatIsUpsideDown_IsItsEnd()
    {
        var writer = new NetlinkWriter();
        writer.Begin(MessageType.NewLink, 0);
        writer.LinkHeader(Family.Bridge, 7);
        var spec = writer.BeginNest(LinkAttribute.AfSpec);
        Info(writer, 0x08, 30);
        Info(writer, 0x10, 20);
        writer.EndNest(spec);
        writer.End();

        Assert.True(BridgeVlanParser.TryParse(writer.Written[16..], out _, out var vlans));
        Assert.Equal([new BridgeVlan(20, 20, false, false)], vlans);
    }

    [Fact]
    public void Join_NeighboursWithOtherFlags_StayApart() =>
        Assert.Equal(
            (BridgeVlan[])[new BridgeVlan(1, 5, false, false), new BridgeVlan(6, 6, false, true), new BridgeVlan(7, 7, true, false), new BridgeVlan(8, 8, false, false)],
            BridgeVlans.Join([new(6, 6, false, true), new(3, 5, false, false), new(1, 2, false, false), new(8, 8, false, false), new(7, 7, true, false)]));

    private static void Info(NetlinkWriter to, ushort flags, ushort id) =>
        to.Attribute(LinkAttribute.BridgeVlanInfo, [(byte)flags, (byte)(flags >> 8), (byte)id, (byte)(id >> 8)]);
}
