using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Findings, and what the agent says, to the state of every resource. Pure.</summary>
public static class StatusBuilder
{
    /// <param name="withManifests">False when no manifests were given: what the marks tell, and no comparison.</param>
    public static ImmutableArray<ResourceStatus> Of(
        Findings findings, IReadOnlyCollection<AgentCondition> agent, bool withManifests)
    {
        var declared = findings.Comparisons.Select(Of);
        var orphans = findings.Orphans.Select(o => Unknown(o, withManifests ? "no manifest names it" : "not compared: no manifests given (-f)"));
        var leftovers = findings.Leftovers.Select(static o =>
            new ResourceStatus(o.Id, ResourceState.InProgress, o.Object, "unfinished creation that no manifest completes", [])).ToList();
        return [.. declared.Concat(orphans).Concat(leftovers).Select(s => With(s, agent))];
    }

    private static ResourceStatus Of(Comparison comparison)
    {
        var (id, name) = (comparison.Id, comparison is { Exists: true, Live.OnlyDeclared: null } ? comparison.Live.Object : null);
        var error = comparison.Problems.FirstOrDefault(static p => p.Severity == Severity.Error);
        var advice = comparison.Problems.Where(static p => p.Severity == Severity.Warning)
            .Select(static p => new Condition("Advisory", true, p.Code, p.Message)).ToList();
        if (error is { Code: HostCodes.NothingToAdopt })
            return Missing(id, error.Message);
        if (error is not null)
            return Status(ResourceState.Failed, error.Message, [.. Errors(comparison)]);
        if (comparison.Live is { Ownership: Ownership.Unfinished })
            return Status(ResourceState.InProgress, "unfinished creation: apply completes it");
        if (!comparison.Exists)
            return Missing(id, comparison.Fields.Any(static f => f.Cause == Cause.Drift) ? "was applied and is gone" : "not applied yet");

        var drifted = Paths(Cause.Drift);
        var pending = Paths(Cause.Pending);
        if (drifted.Count > 0)
            return Status(ResourceState.Drifted, With(string.Join(", ", drifted)),
                new Condition("Drifted", true, null, string.Join(", ", drifted)),
                new Condition("Synced", false, "Drift", $"{drifted.Count} field(s) drifted, {pending.Count} pending"));
        if (pending.Count > 0)
            return Status(ResourceState.InProgress, $"not applied yet: {string.Join(", ", pending)}",
                new Condition("Synced", false, "Pending", string.Join(", ", pending)));
        return comparison.MarkMoved
            ? Status(ResourceState.InProgress, "the manifest as it now is was not recorded yet", new Condition("Synced", false, "Pending", "the mark records an older manifest"))
            : comparison.Live!.Note is { Underway: true } note
                ? Status(ResourceState.InProgress, note.Text, new Condition("Synced", true, null, "the kernel shows what the manifest says"))
                : Status(ResourceState.Current, With(string.Join("; ", advice.Select(static a => a.Message))), new Condition("Synced", true, null, "the kernel shows what the manifest says"));

        string With(string message) => comparison.Live!.Note is { } told ? string.Join("; ", new[] { message, told.Text }.Where(static m => m.Length > 0)) : message;

        List<string> Paths(Cause cause) => [.. comparison.Fields.Where(f => f.Cause == cause).Select(static f => f.Path.ToString())];

        ResourceStatus Status(ResourceState state, string message, params Condition[] conditions) =>
            new(id, state, name, message, [.. conditions, .. advice]) { Facts = comparison.Live?.Facts ?? ObjectValue.Empty };
    }

    // A feature that is missing is told apart from what is in the way: the one needs another host, the other a hand.
    private static IEnumerable<Condition> Errors(Comparison comparison) => comparison.Problems
        .Where(static p => p.Severity == Severity.Error)
        .Select(p => new Condition(comparison.Lacking.Contains(p) ? "FeatureMissing" : "Conflict", true, p.Code, p.Message));

    private static ResourceStatus Missing(ResourceId id, string message) =>
        new(id, ResourceState.NotFound, null, message, [new Condition("Missing", true, null, message), new Condition("Synced", false, "Missing", message)]);

    private static ResourceStatus Unknown(Observed live, string message) => new(live.Id, ResourceState.Unknown, live.Object, message, []) { Facts = live.Facts };

    private static ResourceStatus With(ResourceStatus status, IReadOnlyCollection<AgentCondition> agent)
    {
        var told = agent.Where(a => a.Resource == status.Id.ToString()).ToList();
        if (told.Count == 0)
            return status;
        return status with
        {
            Conditions = status.Conditions.AddRange(told.Select(static a => new Condition(a.Type, true, "Agent", a.Message, a.Since))),
            Message = string.Join("; ", told.Select(static a => $"{a.Type}: {a.Message}").Prepend(status.Message).Where(static m => m.Length > 0)),
        };
    }
}
