using System.Diagnostics;

namespace Provision.Testing;

/// <summary>Runs other people's tools; the witness of a test must not be the code under test.</summary>
public static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Arguments as in a shell line: split at spaces, double quotes keep them.</summary>
    public static CommandResult Run(string file, string arguments) =>
        Run(new ProcessStartInfo(file, arguments));

    public static CommandResult Run(string file, IEnumerable<string> arguments) =>
        Run(new ProcessStartInfo(file, arguments));

    /// <summary>Runs to the end and collects both streams; stdin is empty unless given.</summary>
    /// <exception cref="TimeoutException">It ran for too long and was killed with its children.</exception>
    public static CommandResult Run(ProcessStartInfo start, string stdin = "", TimeSpan? patience = null)
    {
        using var running = new RunningCommand(start);
        running.Write(stdin);
        return running.Wait(patience ?? Patience);
    }
}
