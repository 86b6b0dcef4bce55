namespace Provision.EndToEnd;

/// <summary>Processes of this machine, as /proc tells.</summary>
internal static class Processes
{
    /// <summary>Pid and command line of every process that was started with this instance's name.</summary>
    public static IReadOnlyDictionary<string, string> OfInstance(string instance) =>
        Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(static name => char.IsAsciiDigit(name![0]))
            .Select(static pid => (Pid: pid!, Line: CommandLine(pid!)))
            .Where(p => p.Line.Contains(instance, StringComparison.Ordinal))
            .ToDictionary(static p => p.Pid, static p => p.Line);

    private static string CommandLine(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // It ended in between.
        }
    }
}
