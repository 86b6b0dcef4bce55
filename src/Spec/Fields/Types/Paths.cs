namespace Provision.Spec;

/// <summary>File paths.</summary>
internal static class Paths
{
    // PATH_MAX with the terminating NUL.
    private const int Longest = 4095;

    public static readonly ScalarType Absolute =
        new PatternType("absolute path", "an absolute path without ..", "^/", Normalize);

    private static (string?, string?) Normalize(string text)
    {
        if (!text.StartsWith('/'))
            return (null, $"{Shown.Text(text)} is not an absolute path");
        if (text.Contains('\0'))
            return (null, "a path has no NUL character");
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static p => p != ".").ToList();
        if (parts.Contains(".."))
            return (null, $"{Shown.Text(text)} has \"..\" in it");
        var path = "/" + string.Join('/', parts);
        return System.Text.Encoding.UTF8.GetByteCount(path) > Longest
            ? (null, $"{Shown.Text(text)} is longer than {Longest} bytes")
            : (path, null);
    }
}
