namespace Provision.Kernel.Netlink;

/// <summary>RTA_* and the values of struct rtmsg (linux/rtnetlink.h) that are used.</summary>
internal static class RouteAttribute
{
    public const ushort Destination = 1;
    public const ushort OutputInterface = 4;
    public const ushort Gateway = 5;
    public const ushort Table = 15;

    public const byte MainTable = 254; // RT_TABLE_MAIN
    public const byte Unicast = 1; // RTN_UNICAST
    public const byte Universe = 0, LinkScope = 253, NowhereScope = 255; // RT_SCOPE_*
}
