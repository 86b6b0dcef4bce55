namespace Provision.Drivers.SecurityProfile;

/// <summary>The fields of a SecurityProfile: those of a profile that a container writes out, in their own place.</summary>
internal static class SecurityProfileFields
{
    public static SecurityFields Own { get; } = new();
}
