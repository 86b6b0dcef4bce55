namespace Provision.Cli;

/// <summary>What the build knew of itself; the constants are written by the project file.</summary>
internal static partial class BuildInfo
{
    /// <summary><c>0.1.0+1a2b3c4d5e6f</c>; without the commit where the build did not know it.</summary>
    public static string FullVersion => Commit.Length == 0 ? Version : $"{Version}+{Commit[..Math.Min(12, Commit.Length)]}";
}
