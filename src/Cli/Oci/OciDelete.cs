using Provision.Kernel.Runtime;

namespace Provision.Cli.Oci;

/// <summary><c>delete</c>: what is left of a container goes.</summary>
internal static class OciDelete
{
    private const int SigKill = 9;

    public static int Delete(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "force|f");
        var id = run.IdOf(words);
        var force = words.Has("force");
        if (run.Store.Read(id) is not { } state)
        {
            // A creation that was cut short before it wrote down what it makes.
            if (force && run.Store.Exists(id))
                run.Store.Remove(id);
            return force ? ExitCode.Done : throw new OciException($"container {id} does not exist");
        }

        if (!force && run.StatusOf(state) is var status and not "stopped")
            throw new OciException($"cannot delete container {id}: it is not stopped, but {status}");
        Remove(run, state);
        return ExitCode.Done;
    }

    /// <summary>Kills what is left, removes the cgroup and forgets the container; then the hooks.</summary>
    public static void Remove(OciRun run, RuntimeState state)
    {
        RuntimeProcess.Signal(state.Pid, state.StartTime, SigKill);
        using (var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup))
            cgroup.Remove();
        var config = run.Store.ReadConfig(state.Id);
        var hooks = config is null ? [] : BundleReader.Hooks(config).Poststop;
        // Before anything goes: a command that has hooks to run may become itself anew, from sealed memory.
        using var runtime = hooks.Count > 0 ? new RuntimeLauncher(patient: false) : null;
        run.Store.Remove(state.Id);
        foreach (var hook in hooks)
            Try(run, () => hook.Run(runtime!, run.Json(state, "stopped", config!, full: false), state.Bundle));
    }

    /// <summary>What a hook that comes too late to change anything says is told, and no more.</summary>
    public static void Try(OciRun run, Action hook)
    {
        try
        {
            hook();
        }
        catch (Exception failure) when (OciErrors.IsExpected(failure))
        {
            run.Warn(OciErrors.Of(failure));
        }
    }
}
