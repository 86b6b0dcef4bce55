namespace Provision.Spec;

/// <summary>Finds and reads the files that paths name. Whatever cannot be found or read becomes a diagnostic.</summary>
internal static class ManifestFiles
{
    public const string StandardInput = "<stdin>";

    /// <summary>
    /// Files in order: paths as given; a directory stands for its *.yaml and *.yml files, those of subdirectories
    /// too, sorted by path (ordinal). Hidden files and directories and links to directories are left out. A file
    /// named twice is read once.
    /// </summary>
    public static List<(string Name, byte[] Bytes)> Read(
        IReadOnlyList<string> paths, ManifestOptions options, DiagnosticBag bag)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var files = new List<(string, byte[])>();
        foreach (var path in paths)
        {
            if (path == "-")
            {
                if (seen.Add(path))
                    Add(StandardInput, () => options.Input ?? Stream.Null);
            }
            else if (Directory.Exists(path))
            {
                var found = new List<string>();
                Walk(path, found, bag);
                found.Sort(StringComparer.Ordinal);
                if (found.Count == 0)
                    bag.Warn(DiagnosticCodes.NoManifests, "the directory holds no *.yaml or *.yml file", InFile(path));
                foreach (var file in found.Where(f => seen.Add(Path.GetFullPath(f))))
                    Add(file, () => File.OpenRead(file));
            }
            else if (!File.Exists(path))
            {
                bag.Error(DiagnosticCodes.PathNotFound, "there is no such file or directory", InFile(path));
            }
            else if (seen.Add(Path.GetFullPath(path)))
            {
                Add(path, () => File.OpenRead(path));
            }
        }

        return files;

        void Add(string name, Func<Stream> open)
        {
            if (Bytes(name, open, options.Limits.FileBytes, bag) is { } bytes)
                files.Add((name, bytes));
        }
    }

    /// <summary>A span that names a file and no place in it.</summary>
    public static SourceSpan InFile(string name) => new(name, 0, 0, 0, 0);

    private static void Walk(string directory, List<string> found, DiagnosticBag bag)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
            {
                var path = Path.Combine(directory, entry.Name);
                if (entry.Name.StartsWith('.'))
                    continue;
                if (entry is FileInfo)
                {
                    if (entry.Extension is ".yaml" or ".yml")
                        found.Add(path);
                }
                else if (entry.LinkTarget is null)
                {
                    Walk(path, found, bag);
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            bag.Error(DiagnosticCodes.PathUnreadable, $"the directory cannot be read: {Reason(refused)}", InFile(directory));
        }
    }

    // The runtime's own texts may have been left out of the binary.
    private static string Reason(Exception refused) => refused switch
    {
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException or DirectoryNotFoundException => "it is gone",
        _ => "input/output error",
    };

    private static byte[]? Bytes(string name, Func<Stream> open, int limit, DiagnosticBag bag)
    {
        try
        {
            using var stream = open();
            using var content = new MemoryStream();
            var buffer = new byte[64 << 10];
            while (stream.Read(buffer) is > 0 and var count)
            {
                content.Write(buffer, 0, count);
                if (content.Length <= limit)
                    continue;
                bag.Error(DiagnosticCodes.FileTooLarge, $"the file is larger than {limit >> 20} MiB", InFile(name));
                return null;
            }

            return content.ToArray();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            bag.Error(DiagnosticCodes.PathUnreadable, $"the file cannot be read: {Reason(refused)}", InFile(name));
            return null;
        }
    }
}
