using System.Diagnostics;

namespace Provision.EndToEnd;

/// <summary>
/// Runs of the program under <c>moments.py</c>, which lists the moments of a run or kills it at one. Unlike strace's
/// injection it counts over all threads, tells a launch program's lines from the calls of the one who launches, and lets go.
/// </summary>
internal sealed class Tracer : IDisposable
{
    // Generous: the machine may be an emulated one.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Faults", "Moments", "moments.py");

    private readonly string _out;
    private readonly RunningCommand _running;

    private Tracer(string trace, string what, int pid)
    {
        _out = trace;
        _running = new RunningCommand(new ProcessStartInfo("python3", [Script, trace, what, "--attach", $"{pid}"]));
        if (!SpinWait.SpinUntil(() => Says("attached") || _running.HasExited, Patience) || _running.HasExited)
            throw new InvalidOperationException($"{pid} is not followed: {_running.Wait(Patience)}");
    }

    /// <summary>The moments of a run that must succeed.</summary>
    /// <param name="deep">With those of the programs that it starts.</param>
    public static IReadOnlyList<Moment> MomentsOf(Lab lab, bool deep, params string[] arguments)
    {
        var trace = NewTrace(lab);
        lab.RunUnder("python3", Words(trace, "list", deep), arguments).Succeeded();
        return Read(trace);
    }

    /// <summary>Runs it up to a moment.</summary>
    /// <returns>False when it ended before it came there.</returns>
    public static bool Kill(Lab lab, Moment at, bool deep, params string[] arguments)
    {
        var trace = NewTrace(lab);
        lab.RunUnder("python3", Words(trace, $"kill:{at.Side}:{at.Place}:self", deep), arguments);
        return File.ReadLines(trace).LastOrDefault() == "killed";
    }

    /// <summary>Follows a process until it is disposed.</summary>
    public static Tracer Follow(Lab lab, int pid) => new(NewTrace(lab), "list", pid);

    /// <summary>Follows a process and kills it at a moment.</summary>
    /// <param name="starter">Kills the process where its child is at that moment; else who makes the call is killed.</param>
    public static Tracer KillAt(Lab lab, int pid, Moment at, bool starter = false) =>
        new(NewTrace(lab), $"kill:{at.Side}:{at.Place}:{(starter ? "starter" : "self")}", pid);

    /// <summary>The moments so far.</summary>
    public IReadOnlyList<Moment> Moments => Read(_out);

    /// <summary>It has killed.</summary>
    public bool Killed => Says("killed");

    public void Dispose()
    {
        _running.Signal("TERM");
        _running.Wait(Patience);
        _running.Dispose();
    }

    private bool Says(string word) => File.Exists(_out) && File.ReadLines(_out).Contains(word);

    private static string NewTrace(Lab lab) => Path.Combine(lab.Directory.Path, $"moments-{Guid.NewGuid():n}");

    private static string[] Words(string trace, string what, bool deep) => [Script, trace, what, .. deep ? (string[])["--deep"] : [], "--"];

    private static IReadOnlyList<Moment> Read(string trace) =>
    [
        .. File.ReadLines(trace).Select(static l => l.Split(' ')).Where(static w => w.Length == 4)
            .Select(static w => new Moment(w[0], int.Parse(w[1]), w[2], w[3])),
    ];
}
