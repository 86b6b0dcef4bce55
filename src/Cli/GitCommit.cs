namespace Provision.Cli;

/// <summary>Which commit is checked out where manifests lie; read from .git, no git is started.</summary>
internal static class GitCommit
{
    /// <summary>The commit of the work tree around the first path that lies in one; null when none does.</summary>
    public static string? Of(IEnumerable<string> paths)
    {
        try
        {
            return paths.Where(static p => p != "-").Select(Of).FirstOrDefault(static c => c is not null);
        }
        catch (Exception e) when (FileError.Is(e))
        {
            return null;
        }
    }

    private static string? Of(string path)
    {
        for (var at = new DirectoryInfo(Path.GetFullPath(path)); at is not null; at = at.Parent)
        {
            var git = Path.Combine(at.FullName, ".git");
            if (Directory.Exists(git))
                return Head(git);
            // A linked work tree or a submodule: a file that says where the directory is (gitrepository-layout(5)).
            if (File.Exists(git) && Word(git, "gitdir: ") is { } elsewhere)
                return Head(Path.Combine(at.FullName, elsewhere));
        }

        return null;
    }

    private static string? Head(string git)
    {
        var head = Path.Combine(git, "HEAD");
        if (!File.Exists(head))
            return null;
        if (Word(head, "ref: ") is not { } name)
            return Hash(File.ReadAllText(head));
        // A linked work tree keeps its HEAD, and shares the branches.
        var common = File.Exists(Path.Combine(git, "commondir"))
            ? Path.Combine(git, File.ReadAllText(Path.Combine(git, "commondir")).Trim())
            : git;
        var loose = Path.Combine(common, name);
        if (File.Exists(loose))
            return Hash(File.ReadAllText(loose));
        var packed = Path.Combine(common, "packed-refs");
        return File.Exists(packed)
            ? File.ReadLines(packed).Where(l => l.EndsWith(" " + name, StringComparison.Ordinal)).Select(static l => Hash(l.Split(' ')[0])).FirstOrDefault()
            : null;
    }

    private static string? Word(string file, string prefix)
    {
        var text = File.ReadAllText(file).Trim();
        return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
    }

    // SHA-1 or SHA-256.
    private static string? Hash(string text) =>
        text.Trim() is { Length: 40 or 64 } hash && hash.All(char.IsAsciiHexDigitLower) ? hash : null;
}
