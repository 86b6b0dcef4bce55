namespace Provision.Architecture;

/// <summary>The repository that these tests were built in, and its files by path from its top.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file under src/.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = [.. CSharpFiles("src").Select(SourceFile.Read)];

    /// <summary>Paths of the C# files below a folder.</summary>
    public static IEnumerable<string> CSharpFiles(string folder) => Files(folder, "*.cs");

    /// <summary>Paths, from the top, of the files below a folder; empty when there is no such folder.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(Path.Combine(Root, folder))
            ? Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file))
                .Where(static file => !file.Split('/').Any(static part => part is "bin" or "obj"))
                .Order(StringComparer.Ordinal)
            : [];

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The folders of kinds: all of src/Drivers but Kernel/.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        .. Sources.Select(static s => s.Path.Split('/'))
            .Where(static p => p is ["src", "Drivers", not "Kernel", _, ..])
            .Select(static p => p[2])
            .Distinct(),
    ];

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Provision.sln")))
                return at.FullName;
        throw new InvalidOperationException($"no Provision.sln above {AppContext.BaseDirectory}");
    }
}
