namespace Provision.Drivers.Container;

/// <summary>Codes of what is wrong with a Container. Each has one meaning for ever.</summary>
internal static class ContainerCodes
{
    /// <summary>A name that ends as our directories do.</summary>
    public const string ReservedName = "PV5001";

    /// <summary>managementPolicy Merge: a container cannot be adopted.</summary>
    public const string NotAdopted = "PV5002";

    /// <summary>There is no program to run.</summary>
    public const string NoCommand = "PV5003";

    /// <summary>A form of rootfs that this version cannot make.</summary>
    public const string RootfsNotYet = "PV5004";

    /// <summary>A host path that would show or cover Provision's own directories.</summary>
    public const string OwnDirectories = "PV5005";

    /// <summary>A mount whose members do not fit its type.</summary>
    public const string MountMembers = "PV5006";

    /// <summary>A mount target that every container has for itself.</summary>
    public const string MountTarget = "PV5007";

    /// <summary>A device that does not lie below /dev.</summary>
    public const string DevicePath = "PV5008";

    /// <summary>Networks, a host name or ids without the private namespace that they belong to.</summary>
    public const string NeedsPrivate = "PV5009";

    /// <summary>A namespace that cannot be had in this way.</summary>
    public const string Namespace = "PV5010";

    /// <summary>idMap and a private user namespace go together.</summary>
    public const string IdMapMissing = "PV5011";

    /// <summary>Ranges of ids that overlap or run beyond the last id.</summary>
    public const string IdRanges = "PV5012";

    /// <summary>A user or group that the id map does not have.</summary>
    public const string IdNotMapped = "PV5013";

    /// <summary>A sysctl that is not of the container's own namespaces.</summary>
    public const string Sysctl = "PV5014";

    /// <summary>An environment variable that cannot have this name.</summary>
    public const string EnvironmentName = "PV5015";

    /// <summary>A soft limit above the hard one.</summary>
    public const string SoftAboveHard = "PV5016";

    /// <summary>The first wait is longer than the longest.</summary>
    public const string Backoff = "PV5017";

    /// <summary>Capabilities that cannot be kept.</summary>
    public const string Capabilities = "PV5019";

    /// <summary>An address outside the networks of the bridge.</summary>
    public const string OutsideSubnet = "PV5020";

    /// <summary>An address that another end of the same bridge has.</summary>
    public const string AddressTwice = "PV5021";

    /// <summary>A MAC address that another end of the same bridge has.</summary>
    public const string MacTwice = "PV5022";

    /// <summary>A link that cannot have this name inside.</summary>
    public const string InterfaceName = "PV5023";

    /// <summary>A route whose gateway its link cannot reach, or that another link has as well.</summary>
    public const string Route = "PV5024";

    /// <summary>An MTU with which the kernel takes IPv6 addresses away.</summary>
    public const string MtuTooSmallForIPv6 = "PV5025";

    /// <summary>What contradicts itself or cannot be launched, found before anything is touched.</summary>
    public const string Unlaunchable = "PV5026";

    /// <summary>No device node of this host.</summary>
    public const string NoDevice = "PV5030";

    /// <summary>The spec is larger than the mark that keeps it.</summary>
    public const string TooLarge = "PV5031";

    /// <summary>This host lacks a layer that the container's profile requires.</summary>
    public const string LayerMissing = "PV5033";

    /// <summary>Warning: a label or profile of a layer that is not on.</summary>
    public const string Unavailable = "PV5034";

    /// <summary>Warning: system calls that a changed profile treats differently.</summary>
    public const string CallsChange = "PV5035";

    /// <summary>The kernel lacks system calls without which no container is started.</summary>
    public const string CallsMissing = "PV5036";

    /// <summary>No cgroup hierarchy is mounted.</summary>
    public const string NoHierarchy = "PV5032";
}
