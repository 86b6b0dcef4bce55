using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>What /proc/PID/task/TID/status says of a thread's confinement, proc_pid_status(5).</summary>
/// <param name="State">R, S, D, T, t, Z, X, I.</param>
/// <param name="Tracer">Who traces it; 0: nobody.</param>
/// <param name="Mode">Seccomp: 0 none, 1 strict, 2 filter.</param>
/// <param name="Filters">Seccomp_filters, since Linux 5.9; null before.</param>
internal sealed record ThreadStatus(char State, int Tracer, int Mode, int? Filters)
{
    public bool IsEnded => State is 'Z' or 'X';

    public static ThreadStatus? Parse(string text)
    {
        // The first line holds the name, in which the kernel escapes line ends.
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
            if (line.IndexOf(':') is var colon and > 0)
                values[line[..colon]] = line[(colon + 1)..].Trim();
        return values.GetValueOrDefault("State") is [var state, ..]
            ? new ThreadStatus(state, Number("TracerPid") ?? 0, Number("Seccomp") ?? 0, Number("Seccomp_filters"))
            : null;

        int? Number(string name) => int.TryParse(values.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Null when there is no such task.</summary>
    public static ThreadStatus? Read(int pid, int task) =>
        ProcText.Read(string.Create(CultureInfo.InvariantCulture, $"{pid}/task/{task}/status")) is { } text ? Parse(text) : null;

    /// <summary>Of the calling thread.</summary>
    public static ThreadStatus? Own() => ProcText.Read("thread-self/status") is { } text ? Parse(text) : null;
}
