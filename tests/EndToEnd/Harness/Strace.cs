using System.Diagnostics;

namespace Provision.EndToEnd;

/// <summary>The witness of "changes nothing": every system call of every thread of a run, seen by strace.</summary>
internal static class Strace
{
    // Long strings are cut, but the types of all netlink messages of a batch must be seen.
    private static readonly string[] Options = ["-f", "-qq", "-s", "64", "-e", "abbrev=none", "-e", "signal=none", "-o"];

    /// <summary>The mutating calls of a tool that must succeed, the exec of the tool itself excepted.</summary>
    /// <param name="place">How to start a tool: <see cref="OwnNetns.Exec"/>.</param>
    public static IReadOnlyList<SystemCall> Mutations(
        OwnDirectory directory, Func<string, string[], ProcessStartInfo> place, string file, params string[] arguments)
    {
        var trace = Path.Combine(directory.Path, $"trace-{Guid.NewGuid():n}");
        Command.Run(place("strace", [.. Options, trace, file, .. arguments])).Succeeded();
        var calls = SystemCall.Parse(File.ReadLines(trace)).ToList();
        Assert.Equal("execve", calls[0].Name);
        return [.. calls.Skip(1).Where(static c => c.Mutates)];
    }
}
