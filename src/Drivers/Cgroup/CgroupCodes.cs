namespace Provision.Drivers.Cgroup;

/// <summary>Codes of what is wrong with a Cgroup. Each has one meaning for ever.</summary>
internal static class CgroupCodes
{
    /// <summary>cpu.burst is more than cpu.max allows in a period.</summary>
    public const string BurstTooLarge = "PV2001";

    /// <summary>cpu.max is less than the millisecond a period that the kernel takes.</summary>
    public const string QuotaTooSmall = "PV2002";

    /// <summary>cpu.weight together with cpu.idle.</summary>
    public const string WeightWhileIdle = "PV2003";

    /// <summary>memory.swapMax where memory.max sets no limit, on cgroup v1.</summary>
    public const string SwapWithoutMemory = "PV2004";

    /// <summary>A device rule that names its device in no way, or in two.</summary>
    public const string DeviceRule = "PV2005";

    /// <summary>Device rules where the default is to allow everything.</summary>
    public const string AllowWithoutDeny = "PV2006";

    /// <summary>A set, ratio or rule that goes beyond the parent's.</summary>
    public const string BeyondParent = "PV2007";

    /// <summary>A name that ends as our directories do: two resources could mean one directory.</summary>
    public const string ReservedName = "PV2008";

    /// <summary>A cgroup so deep that the kernel takes no path of that length.</summary>
    public const string PathTooLong = "PV2009";

    /// <summary>The controller is not on this host.</summary>
    public const string NoController = "PV2010";

    /// <summary>This host's kind of hierarchy (cgroup v1) cannot express the field.</summary>
    public const string NotOnV1 = "PV2011";

    /// <summary>The controller is there, the file that the field needs is not.</summary>
    public const string NoFile = "PV2012";

    /// <summary>The value is beyond what this host takes.</summary>
    public const string OutOfRange = "PV2013";

    /// <summary>There is no such device on this host.</summary>
    public const string NoDevice = "PV2014";

    /// <summary>The CPUs or memory nodes are not on this host.</summary>
    public const string NoSuchCpu = "PV2015";

    /// <summary>An adopted cgroup is not in the hierarchy of the controller.</summary>
    public const string NotThere = "PV2016";

    /// <summary>The instance's root directory is somebody else's.</summary>
    public const string ForeignRoot = "PV2020";

    /// <summary>No cgroup hierarchy is mounted.</summary>
    public const string NoHierarchy = "PV2021";

    /// <summary>A limit would fall under what is in use.</summary>
    public const string UnderUse = "PV2030";

    /// <summary>A cgroup that is to go has processes in it.</summary>
    public const string HasProcesses = "PV2031";

    /// <summary>A cgroup that is to go has foreign cgroups in it.</summary>
    public const string HasForeignChildren = "PV2032";

    /// <summary>A cgroup above has processes in it, so that cgroup v2 passes no controller on from it.</summary>
    public const string ProcessesAbove = "PV2034";

    /// <summary>A cgroup above is threaded: what lies below it holds no whole processes, and has no memory or io limits.</summary>
    public const string ThreadedAbove = "PV2035";

    /// <summary>cgroup v1 changes the device default only while there are no children.</summary>
    public const string DefaultWithChildren = "PV2033";
}
