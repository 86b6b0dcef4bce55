namespace Provision.Kernel.Sandbox;

/// <summary>
/// Paths that are hidden, where they are patterns: <c>*</c> in the last name stands for anything, and a leading <c>~</c> for
/// every home directory of /etc/passwd.
/// </summary>
internal static class HiddenPaths
{
    private const string Home = "~/";
    private const int HomeField = 5;

    /// <summary>A specification with what its patterns find on this host now.</summary>
    public static SandboxSpec Found(SandboxSpec spec) => spec.Root.Kind != RootKind.Host || !spec.Root.Hidden.Any(IsPattern)
        ? spec
        : spec with { Root = spec.Root with { Hidden = [.. spec.Root.Hidden.SelectMany(Find).Distinct()] } };

    /// <summary>True for what is no plain path.</summary>
    public static bool IsPattern(string path) => path.StartsWith(Home, StringComparison.Ordinal) || path.Contains('*');

    private static IEnumerable<string> Find(string path)
    {
        if (!IsPattern(path))
            return [path];
        if (path.StartsWith(Home, StringComparison.Ordinal))
            return Homes(Sys.Open(Libc.AT_FDCWD, "/etc/passwd", Libc.O_RDONLY) is { File: { } file } ? ReadAndClose(file) : "")
                .Select(home => home + path[1..]);
        var directory = Path.GetDirectoryName(path)!;
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory, Path.GetFileName(path))];
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>From the text of passwd(5); the root directory, which several users have, is nobody's home.</summary>
    internal static IEnumerable<string> Homes(string passwd) => passwd.Split('\n')
        .Select(static line => line.Split(':'))
        .Where(static fields => fields.Length > HomeField)
        .Select(static fields => fields[HomeField].TrimEnd('/'))
        .Where(static home => home.StartsWith('/') && home.Split('/')[1..].All(static part => part is not ("" or "." or "..")))
        .Distinct(StringComparer.Ordinal);

    private static string ReadAndClose(Fd file)
    {
        using (file)
            return Sys.ReadAll(file).Text ?? "";
    }
}
