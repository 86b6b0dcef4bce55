using System.Globalization;
using Provision.Kernel.Runtime;
using Provision.Spec;

namespace Provision.Cli.Oci;

/// <summary>Commands on a container that is there.</summary>
internal static class OciLife
{
    public static int Start(OciRun run, IReadOnlyList<string> arguments)
    {
        var id = run.IdOf(OciWords.Parse(arguments, run.Command, firstEnds: false));
        var state = run.Find(id);
        if (run.StatusOf(state) is var status and not "created")
            throw new OciException($"cannot start container {id}: it is {status}");
        using var runtime = HasPoststart(run, id) ? new RuntimeLauncher(patient: false) : null;
        Open(run, id, runtime);
        return ExitCode.Done;
    }

    /// <summary>Opens the gate, and runs the hooks that come after.</summary>
    public static void Open(OciRun run, string id, RuntimeLauncher? runtime)
    {
        if (!run.Store.OpenGate(id))
            throw new OciException($"cannot start container {id}: it does not wait to be started");
        var config = run.Store.ReadConfig(id) ?? "{}";
        foreach (var hook in BundleReader.Hooks(config).Poststart)
        {
            var state = run.Find(id);
            // It runs by now: what fails is told and changes nothing.
            OciDelete.Try(run, () => hook.Run(runtime!, run.Json(state, run.StatusOf(state), config, full: false), state.Bundle));
        }
    }

    private static bool HasPoststart(OciRun run, string id) => BundleReader.Hooks(run.Store.ReadConfig(id) ?? "{}").Poststart.Count > 0;

    public static int State(OciRun run, IReadOnlyList<string> arguments)
    {
        var state = run.Find(run.IdOf(OciWords.Parse(arguments, run.Command, firstEnds: false)));
        run.Print(run.Json(state, run.StatusOf(state), run.Store.ReadConfig(state.Id) ?? "{}", full: true));
        return ExitCode.Done;
    }

    public static int Kill(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "all|a");
        var state = run.Find(run.IdOf(words, more: 1));
        var name = words.Words.ElementAtOrDefault(1) ?? "SIGTERM";
        var signal = SignalOf(name) ?? throw new OciException($"{name} is no signal");
        if (words.Has("all"))
        {
            using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
            foreach (var pid in cgroup.Processes())
                RuntimeProcess.SignalIf(pid, signal, cgroup.Processes);
            return ExitCode.Done;
        }

        return RuntimeProcess.Signal(state.Pid, state.StartTime, signal) ? ExitCode.Done
            : throw new OciException($"cannot kill container {state.Id}: container not running");
    }

    public static int Freeze(OciRun run, IReadOnlyList<string> arguments, bool frozen)
    {
        var state = run.Find(run.IdOf(OciWords.Parse(arguments, run.Command, firstEnds: false)));
        var status = run.StatusOf(state);
        if (frozen ? status is not ("running" or "created") : status is not "paused")
            throw new OciException($"cannot {run.Command} container {state.Id}: it is {status}");
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        cgroup.SetFrozen(frozen);
        return ExitCode.Done;
    }

    public static int Update(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "resources|r=");
        var state = run.Find(run.IdOf(words));
        var file = words.Value("resources") ?? throw new OciException("update: --resources FILE is missing");
        var (limits, refusals) = BundleReader.ReadResources(file == "-" ? new StreamReader(run.Host.Input()).ReadToEnd() : OciRun.Text(file), run.BundleHost);
        if (refusals.Count > 0)
            throw OciRun.Refused(file, refusals);
        if (run.StatusOf(state) is "stopped")
            throw new OciException($"cannot update container {state.Id}: it is stopped");
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        cgroup.Limit(limits);
        return ExitCode.Done;
    }

    /// <summary>By name, with or without SIG, or by number; null when there is none.</summary>
    internal static int? SignalOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 0 and <= 64 ? number : null;
        var name = text.ToUpperInvariant();
        return Signals.NumberOf(name.StartsWith("SIG", StringComparison.Ordinal) ? name : "SIG" + name);
    }
}
