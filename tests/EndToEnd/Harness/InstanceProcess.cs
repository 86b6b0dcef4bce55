namespace Provision.EndToEnd;

/// <summary>A process that has to do with a lab's instance: by its command line, or by the cgroup that it is in.</summary>
/// <param name="What">Its command line and where it is below the instance's cgroup.</param>
internal sealed record InstanceProcess(int Pid, string What)
{
    public static IReadOnlyList<InstanceProcess> All(Lab lab) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static n => char.IsAsciiDigit(n![0])).Select(static n => int.Parse(n!))
            .Where(static pid => pid != Environment.ProcessId)
            .Select(pid => new InstanceProcess(pid, $"{Read(pid, "cmdline").Replace('\0', ' ')}in {Place(lab, pid)}"))
            .Where(p => p.What.Contains(lab.Instance.Name, StringComparison.Ordinal)),
    ];

    /// <summary>What its descriptors are: paths, <c>socket:[N]</c>, <c>net:[N]</c>; none of one that is gone.</summary>
    public IReadOnlyList<string> Open() => Links($"/proc/{Pid}/fd");

    /// <summary>The network namespaces that live by it: its own and those it holds open.</summary>
    public IEnumerable<string> Networks() => Links($"/proc/{Pid}/ns").Concat(Open()).Where(static l => l.StartsWith("net:[", StringComparison.Ordinal));

    // Every hierarchy is asked; the instance's path is the same in all that it is in.
    private static string Place(Lab lab, int pid) => Read(pid, "cgroup").Split('\n')
        .FirstOrDefault(l => l.Contains($"/{lab.Instance.CgroupRoot}", StringComparison.Ordinal))?.Split(':', 3)[2] ?? "no cgroup of the instance";

    private static string[] Links(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(static f => new FileInfo(f).LinkTarget).OfType<string>()];
        }
        catch (IOException)
        {
            return []; // It has ended.
        }
    }

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }
}
