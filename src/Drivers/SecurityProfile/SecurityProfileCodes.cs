namespace Provision.Drivers.SecurityProfile;

/// <summary>Codes of what is wrong with a SecurityProfile. Each has one meaning for ever; those of seccomp profiles are PV51xx.</summary>
internal static class SecurityProfileCodes
{
    /// <summary>managementPolicy Merge: there is no object to adopt.</summary>
    public const string NotAdopted = "PV5201";

    /// <summary>A capability is ambient and not kept.</summary>
    public const string Ambient = "PV5202";

    /// <summary>A rule asks a listener.</summary>
    public const string Notify = "PV5203";

    /// <summary>This host lacks a layer that the profile requires.</summary>
    public const string LayerMissing = "PV5204";

    /// <summary>A path that would cover the whole root.</summary>
    public const string WholeRoot = "PV5205";
}
