namespace Provision.EndToEnd;

/// <summary>The published program that these tests drive.</summary>
internal static class Binary
{
    /// <summary>PROVISION_BIN, else out/provision of the repository that the tests were built in.</summary>
    /// <exception cref="FileNotFoundException">It has not been built.</exception>
    public static string Path { get; } = Find();

    /// <summary>The top of the repository.</summary>
    public static string Repository => FindRoot();

    private static string Find()
    {
        var path = Environment.GetEnvironmentVariable("PROVISION_BIN") is { Length: > 0 } told
            ? System.IO.Path.GetFullPath(told)
            : System.IO.Path.Combine(FindRoot(), "out", "provision");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run make build, or set PROVISION_BIN");
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Provision.sln")))
                return at.FullName;
        throw new InvalidOperationException($"no Provision.sln above {AppContext.BaseDirectory}");
    }
}
