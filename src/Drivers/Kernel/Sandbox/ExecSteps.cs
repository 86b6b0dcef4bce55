using System.Collections.Immutable;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>The end of a program: stdio, signals, nothing else open, the filter, execve.</summary>
internal static class ExecSteps
{
    /// <summary>Where an executable without a slash is looked for when the environment has no PATH.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const int PrSetPdeathsig = 1;
    private const long FirstFree = 3;

    // Of signal(7), on x86-64 and arm64 alike; the others have no name or are of no interest by it.
    private static readonly IReadOnlyDictionary<int, string> Signals = new (string Name, int Number)[]
    {
        ("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGUSR1", 10), ("SIGUSR2", 12), ("SIGPIPE", 13), ("SIGALRM", 14), ("SIGTERM", 15),
        ("SIGCHLD", 17), ("SIGCONT", 18), ("SIGTSTP", 20), ("SIGTTIN", 21), ("SIGTTOU", 22), ("SIGURG", 23), ("SIGXFSZ", 25), ("SIGWINCH", 28), ("SIGIO", 29),
    }.ToDictionary(static s => s.Number, static s => s.Name);

    private const int MostProcessors = 8192;

    private const int LastSignal = 64, SigKill = 9, SigStop = 19;

    // The same for all: a third of a program's steps.
    private static readonly ImmutableArray<Step> Resetting = MakeReset();

    /// <summary>A child that is not yet the container ends with the one who launches it; said again after each change of ids, which clears it (prctl(2)).</summary>
    public static void Begin(StepList to) =>
        to.Add(SystemCall.Prctl, Argument.Named("PR_SET_PDEATHSIG", PrSetPdeathsig), Argument.Named("SIGKILL", 9), 0, 0, 0);

    /// <summary>It no longer ends with the one who launched it.</summary>
    public static void Orphan(StepList to) =>
        to.Add(SystemCall.Prctl, Argument.Named("PR_SET_PDEATHSIG", PrSetPdeathsig), 0, 0, 0, 0);

    /// <summary>
    /// No nicer and on no fewer processors than others, whatever shell it is started from; in its cgroup already, whose
    /// cpuset bounds the processors.
    /// </summary>
    public static void Schedule(StepList to)
    {
        var all = new byte[MostProcessors / 8];
        Array.Fill(all, byte.MaxValue);
        to.Add(Step(SystemCall.SetPriority, Argument.Named("PRIO_PROCESS", 0), 0, 0) with { Passes = [Errno.EACCES, Errno.EPERM] });
        to.Add(SystemCall.SchedSetAffinity, 0, all.Length, Argument.Structure(all, "{all}"));
    }

    public static void Stdio(StepList to) =>
        Stdio(to, LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr);

    /// <summary>Descriptors 0, 1 and 2 from these slots.</summary>
    public static void Stdio(StepList to, params ReadOnlySpan<string> names)
    {
        // First all out of the way: they may be 0, 1 and 2 in any order.
        foreach (var name in names)
            to.Add(Step(SystemCall.Fcntl, Slots.Of(name), Argument.Named("F_DUPFD_CLOEXEC", 1030), FirstFree) with { Result = name + "-copy" });
        for (var i = 0; i < names.Length; i++)
            to.Add(SystemCall.Dup3, Slots.Of(names[i] + "-copy"), i, 0);
    }

    /// <summary>What may still fail without harm before the filter: signals as they are born, descriptors closed.</summary>
    /// <param name="kept">How many descriptors from 3 on stay open.</param>
    public static void Reset(StepList to, int kept = 0) => to.Add(kept == 0 ? Resetting : [.. Resetting.Select(step =>
        step.Call == SystemCall.CloseRange ? step with { Arguments = step.Arguments.SetItem(0, FirstFree + kept) } : step)]);

    /// <summary>Whether there is something to execute: where nobody is told of execve's own refusal.</summary>
    public static void Find(StepList to, IReadOnlyList<string> command, IReadOnlyList<string> environment)
    {
        var places = Places(command[0], environment);
        for (var i = 0; i < places.Count; i++)
        {
            var step = Step(SystemCall.FaccessAt, Argument.Here, places[i], Argument.Named("X_OK", 1));
            to.Add(i == places.Count - 1 ? step : step with { Passes = [Errno.ENOENT, Errno.EACCES], SkipDone = places.Count - 1 - i });
        }
    }

    private static ImmutableArray<Step> MakeReset()
    {
        var to = new StepList();
        var action = Argument.Structure(new byte[32], "SIG_DFL");
        // Ignored signals stay ignored over execve, and whoever starts us may ignore any, those of the C library too;
        // handled ones were reset by clone3.
        for (var signal = 1; signal <= LastSignal; signal++)
            if (signal is not (SigKill or SigStop))
                to.Add(SystemCall.SigAction, Signals.TryGetValue(signal, out var name) ? Argument.Named(name, signal) : signal, action, Argument.Null, 8);
        to.Add(SystemCall.Prctl, Argument.Named("PR_SET_PDEATHSIG", PrSetPdeathsig), 0, 0, 0, 0);
        // Closed, not marked: a command named /proc/self/fd/N must find nothing.
        to.Add(SystemCall.CloseRange, 3, Argument.Named("~0U", uint.MaxValue), 0);
        to.Add(SystemCall.SigProcMask, Argument.Named("SIG_SETMASK", 2), Argument.Structure(new byte[8], "[]"), Argument.Null, 8);
        return to.ToImmutable();
    }

    public static void Execute(StepList to, IReadOnlyList<string> command, IReadOnlyList<string> environment)
    {
        var places = Places(command[0], environment);
        for (var i = 0; i < places.Count; i++)
        {
            var step = Step(SystemCall.Execve, places[i], Argument.Vector(command), Argument.Environment(environment));
            // As execvp(3): the next place when there is no such file here, or none that may be executed.
            to.Add(i == places.Count - 1 ? step : step with { Passes = [Errno.ENOENT, Errno.EACCES] });
        }
    }

    internal static IReadOnlyList<string> Places(string executable, IReadOnlyList<string> environment)
    {
        if (executable.Contains('/'))
            return [executable];
        var path = environment.LastOrDefault(static v => v.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..] ?? DefaultPath;
        List<string> places = [.. path.Split(':').Where(static p => p.StartsWith('/')).Select(p => p.TrimEnd('/') + "/" + executable)];
        return places.Count > 0 ? places : ["/" + executable];
    }
}
