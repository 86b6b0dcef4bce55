namespace Provision.Kernel.Netlink;

/// <summary>A setting of a bridge port (IFLA_BRPORT_* of linux/if_link.h; the values are the kernel's). Lost when the port leaves the bridge.</summary>
public enum PortAttribute : ushort
{
    /// <summary>0–63; 32 unless set.</summary>
    Priority = 2,

    /// <summary>STP path cost, 1–65535; from the link's speed unless set.</summary>
    Cost = 3,

    /// <summary>Send a frame back out of the port it came in by.</summary>
    Hairpin = 4,

    /// <summary>Never forward to another isolated port.</summary>
    Isolated = 33,
}

internal static class PortAttributes
{
    /// <summary>The name that ip-link(8) uses: <c>hairpin</c>.</summary>
    public static string Name(this PortAttribute attribute) => attribute switch
    {
        PortAttribute.Priority => "priority",
        PortAttribute.Cost => "cost",
        PortAttribute.Hairpin => "hairpin",
        PortAttribute.Isolated => "isolated",
        _ => throw new ArgumentOutOfRangeException(nameof(attribute)),
    };

    public static void Write(NetlinkWriter to, PortAttribute attribute, uint value)
    {
        switch (attribute)
        {
            case PortAttribute.Hairpin or PortAttribute.Isolated:
                to.Attribute((ushort)attribute, checked((byte)value));
                break;
            case PortAttribute.Priority:
                to.Attribute((ushort)attribute, checked((ushort)value));
                break;
            default:
                to.Attribute((ushort)attribute, value);
                break;
        }
    }
}
