using System.Globalization;
using Provision.Kernel.Containers;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>What reports tell of a container: its process, how often it was started, how it last ended, its addresses.</summary>
internal static class ContainerFacts
{
    public static ObjectValue Of(LiveContainer container)
    {
        var facts = ObjectValue.Empty.Members.ToBuilder();
        if (container.Process is { } process)
            facts["pid"] = process.Pid;
        if (container.Run is { } run)
        {
            facts["phase"] = run.State.ToString();
            facts["restarts"] = run.Restarts;
            if (run.StartedAt > 0)
                facts["startedAt"] = Time(run.StartedAt);
            if (run.LastExit is { } exit)
            {
                facts["exitStatus"] = exit.Status is { } status ? (Value)status : "unknown";
                facts["exitedAt"] = Time(exit.At);
                facts["oomKilled"] = exit.OomKilled;
            }
        }

        var addresses = container.Interfaces.Values.SelectMany(static i => i.Addresses).Order(StringComparer.Ordinal).ToList();
        if (addresses.Count > 0)
            facts["addresses"] = new ListValue([.. addresses.Select(static a => (Value)a)]);
        return new ObjectValue(facts.ToImmutable());
    }

    public static ObservedNote? Note(ContainerState state)
    {
        if (state.Container.Run is not { } run)
            return null;
        if (state.Container.IsRunning)
            return state.Supervised ? Trouble(run) : new ObservedNote("runs without a supervisor", false);
        return run.State switch
        {
            RunState.Waiting when state.Supervised => new ObservedNote($"{Ended(run)}; waits to be started again", true),
            RunState.Starting when state.Supervised => new ObservedNote("is being started", true),
            RunState.Stopping when state.Supervised => new ObservedNote("is being stopped", true),
            RunState.Exited => new ObservedNote(Ended(run), false),
            RunState.Failed => new ObservedNote(run.Trouble ?? Ended(run), false),
            _ => null,
        };
    }

    private static ObservedNote? Trouble(ContainerRun run) => run.Trouble is { } trouble ? new ObservedNote(trouble, false) : null;

    private static string Ended(ContainerRun run) => run.LastExit switch
    {
        null => "never ran",
        { OomKilled: true } => "out of memory",
        { Status: { } status } => string.Create(CultureInfo.InvariantCulture, $"ended with status {status}"),
        _ => "ended with a status that nobody saw",
    };

    private static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
