using System.Globalization;

namespace Provision.Kernel.Netlink;

/// <summary>Sets one option of a bridge port.</summary>
public sealed record PortSet(string Link, PortAttribute Attribute, uint Value) : RtnetlinkOperation(Link)
{
    public override string Text => string.Create(CultureInfo.InvariantCulture, $"set port {Link} {Attribute.Name()} {Value}");

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) =>
        WriteOptions(to, indexes[Link], [KeyValuePair.Create(Attribute, Value)]);

    internal override string? Explain(int errno) => errno is 22 or 95 ? "the link is not a bridge port" : null;

    internal static void WriteOptions(NetlinkWriter to, int port, IEnumerable<KeyValuePair<PortAttribute, uint>> options)
    {
        BeginChange(to, port);
        var info = to.BeginNest(LinkAttribute.LinkInfo | LinkAttribute.Nested);
        to.Attribute(LinkAttribute.InfoSlaveKind, "bridge");
        var data = to.BeginNest(LinkAttribute.InfoSlaveData | LinkAttribute.Nested);
        foreach (var (attribute, value) in options)
            PortAttributes.Write(to, attribute, value);
        to.EndNest(data);
        to.EndNest(info);
        to.End();
    }
}
