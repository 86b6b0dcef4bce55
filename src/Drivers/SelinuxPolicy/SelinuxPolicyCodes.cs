namespace Provision.Drivers.SelinuxPolicy;

/// <summary>Codes of what is wrong with a SelinuxPolicy. Each has one meaning for ever.</summary>
internal static class SelinuxPolicyCodes
{
    /// <summary>SELinux is not on.</summary>
    public const string NotOn = "PV5301";

    /// <summary>Two resources declare the mode, one boolean or one module.</summary>
    public const string DeclaredTwice = "PV5302";

    /// <summary>The loaded policy has no such boolean.</summary>
    public const string NoBoolean = "PV5303";

    /// <summary>Nothing on this host installs modules.</summary>
    public const string NoModules = "PV5304";

    /// <summary>A module of the name, which somebody else installed, says something else.</summary>
    public const string ForeignModule = "PV5305";

    /// <summary>Only the module that is named after it is the built-in one.</summary>
    public const string BuiltInName = "PV5306";

    /// <summary>There is no such file to label.</summary>
    public const string NoFile = "PV5307";

    /// <summary>Files have a level of their own, never one that is chosen.</summary>
    public const string FileLevel = "PV5308";

    /// <summary>A path that is labelled lies in a tree that is labelled.</summary>
    public const string TreesOverlap = "PV5309";
}
