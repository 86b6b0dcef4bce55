using System.Globalization;
using Provision.Kernel.Runtime;
using Provision.Reconciler;
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
        using var runtime = HooksOf(run, id).AtStart ? new RuntimeLauncher(patient: false) : null;
        try
        {
            Open(run, id, runtime);
            return ExitCode.Done;
        }
        catch (KernelException hook) when (hook.Error.Action == RuntimeHook.Name)
        {
            // The container is not what it was to be, and goes (runtime.md, Lifecycle).
            OciDelete.Remove(run, run.Find(id));
            throw;
        }
    }

    /// <summary>Opens the gate, and runs the hooks that come before and after.</summary>
    /// <exception cref="KernelException">One of them failed.</exception>
    public static void Open(OciRun run, string id, RuntimeLauncher? runtime)
    {
        var config = run.Store.ReadConfig(id) ?? "{}";
        var hooks = BundleReader.Hooks(config);
        if (hooks.StartContainer.Count > 0)
            BeforeStart(run, run.Find(id), config, hooks.StartContainer, runtime!);
        if (!run.Store.OpenGate(id))
            throw new OciException($"cannot start container {id}: it does not wait to be started");
        foreach (var hook in hooks.Poststart)
        {
            var state = run.Find(id);
            hook.Run(runtime!, run.Json(state, run.StatusOf(state), config, full: false), state.Bundle);
        }
    }

    // As a process that is executed in it: the hook is of its root, and gets no more rights than what it comes before.
    private static void BeforeStart(OciRun run, RuntimeState state, string config, IReadOnlyList<RuntimeHook> hooks, RuntimeLauncher runtime)
    {
        var reading = BundleReader.Read(config, state.Bundle, state.Id, run.BundleHost);
        if (reading.Bundle is not { } bundle)
            throw OciRun.Refused("config.json", reading.Refusals);
        using var init = RuntimeProcess.Open(state.Pid, state.StartTime) ?? throw new OciException($"cannot start container {state.Id}: it has ended");
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        var process = bundle.Spec.Sandbox with { CgroupDirectories = cgroup.Directories, Env = RuntimeUsers.WithHome(bundle.Spec.Sandbox) };
        foreach (var hook in hooks)
            hook.RunInContainer(runtime, run.Json(state, "created", config, full: false), process, init);
    }

    private static BundleHooks HooksOf(OciRun run, string id) => BundleReader.Hooks(run.Store.ReadConfig(id) ?? "{}");

    public static int State(OciRun run, IReadOnlyList<string> arguments)
    {
        var state = run.Find(run.IdOf(OciWords.Parse(arguments, run.Command, firstEnds: false)));
        run.Print(run.Json(state, run.StatusOf(state), run.Store.ReadConfig(state.Id) ?? "{}", full: true, lines: true));
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
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, ["resources|r=", .. OciLimits.Options]);
        var state = run.Find(run.IdOf(words));
        var file = words.Value("resources");
        var said = file is null ? null : file == "-" ? new StreamReader(run.Host.Input()).ReadToEnd() : OciRun.Text(file);
        var (limits, refusals) = BundleReader.ReadResources(OciLimits.Resources(words, said), run.BundleHost);
        if (refusals.Count > 0)
            throw OciRun.Refused(file ?? "update", refusals);
        if (run.StatusOf(state) is "stopped")
            throw new OciException($"cannot update container {state.Id}: it is stopped");
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        cgroup.Pass(limits);
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
