using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Collects the changes of one plan and asks the drivers for their operations.</summary>
internal sealed class PlanDraft(DriverRegistry drivers, Findings findings, PlanOptions options)
{
    private readonly DiagnosticBag _bag = new();
    private readonly List<ResourceChange> _changes = [];
    private readonly List<ChangeRequest> _requests = [];
    private readonly List<Note> _notes = [];
    private readonly Dictionary<ResourceId, string> _replaced = [];
    private readonly Dictionary<ResourceId, Diagnostic> _refused = [];
    private int _unchanged;

    public void Problem(Diagnostic problem) => _bag.Add(problem);

    /// <summary>Resources come in dependency order, so what contains this one has been decided before.</summary>
    public void Converge(Comparison comparison)
    {
        var before = _bag.Items.Count;
        Decide(comparison);
        NoteRefusal(comparison.Id, before);
    }

    private void Decide(Comparison comparison)
    {
        foreach (var problem in comparison.Problems.Where(static p => p.Severity == Severity.Error))
            _bag.Add(problem);
        if (comparison.Problems.Any(static p => p.Severity == Severity.Error))
            return;
        // What stays as it is was told of when it was made; status goes on telling it.
        if (!comparison.Converged || comparison.MarkMoved)
            _notes.AddRange(comparison.Problems.Select(p => new Note(comparison.Id, WithoutName(comparison.Id, p.Message))));

        if (comparison.Resource.Metadata.ManagementPolicy == ManagementPolicy.Observe)
            Report(comparison);
        else if (comparison.Live is null)
            Create(comparison);
        else if (!comparison.Exists)
            Complete(comparison);
        else if (ReplaceReason(comparison) is { } reason)
            Replace(comparison, reason);
        else if (comparison.Fields.IsEmpty && !comparison.MarkMoved)
            _unchanged++;
        else
            Update(comparison);
    }

    private static string WithoutName(ResourceId id, string message) =>
        message.StartsWith($"{id}: ", StringComparison.Ordinal) ? message[$"{id}: ".Length..] : message;

    public void Delete(Observed live, string reason)
    {
        var released = live.DeletionPolicy == DeletionPolicy.Orphan && live.Ownership == Ownership.Owned;
        var request = Request(live.Id, ChangeAction.Delete, live);
        var before = _bag.Items.Count;
        Add(request, SourceSpan.None, Ask(request), [], released ? $"{reason}; released, since its deletionPolicy is Orphan" : reason);
        NoteRefusal(live.Id, before);
    }

    /// <param name="orphans">What is owned, not named and kept.</param>
    /// <param name="tidy">Also take away what serves the instance when it serves nothing any more: a run that was cut
    /// short can have left it.</param>
    public PlanResult Finish(IEnumerable<Orphan>? orphans = null, bool tidy = false)
    {
        var before = ImmutableArray.CreateBuilder<Operation>();
        var after = ImmutableArray.CreateBuilder<Operation>();
        if ((_requests.Count > 0 || tidy) && !_bag.HasErrors)
            foreach (var driver in drivers.Drivers)
            {
                var mine = _requests.Where(r => driver.FramedKinds.Contains(r.Id.Kind)).ToList();
                if (mine.Count == 0 && !tidy)
                    continue;
                var (first, last) = driver.Frame(findings.Snapshot, findings.Scope, mine);
                before.AddRange(first);
                after.AddRange(last);
            }

        var plan = new Plan(
            findings.Scope, before.ToImmutable(), [.. _changes], after.ToImmutable(), [.. orphans ?? []], [.. _notes], _unchanged);
        return new PlanResult(plan, findings, [.. _bag.Items]) { Refused = _refused.ToImmutableDictionary() };
    }

    private void NoteRefusal(ResourceId id, int before)
    {
        if (_bag.Items.Skip(before).FirstOrDefault(static d => d.Severity == Severity.Error) is { } problem)
            _refused[id] = problem;
    }

    private void Report(Comparison comparison)
    {
        if (comparison.Exists && comparison.Fields.IsEmpty)
        {
            _unchanged++;
            return;
        }

        _changes.Add(new ResourceChange(
            comparison.Id,
            comparison.Exists ? ChangeAction.Update : ChangeAction.Create,
            comparison.Resource.Source.At(""),
            comparison.Fields, [], [], LiveDigest.Of(comparison.Live))
        {
            Object = comparison.Live?.Object,
            ObserveOnly = true,
            Reason = comparison.Exists ? "observed only" : "observed only; there is no such object",
        });
    }

    private void Create(Comparison comparison)
    {
        var request = Request(comparison, ChangeAction.Create, comparison.Live);
        Add(request, comparison.Resource.Source.At(""), Ask(request), comparison.Resource.DependsOn,
            comparison.Live is null ? null : "completes an unfinished creation");
    }

    // What was begun in something that is replaced goes down with it.
    private void Complete(Comparison comparison)
    {
        if (Replaced(comparison) is { } reason)
            Replace(comparison, reason);
        else
            Create(comparison);
    }

    private void Update(Comparison comparison)
    {
        var request = Request(comparison, ChangeAction.Update, comparison.Live) with { WriteMark = comparison.MarkMoved };
        Add(request, comparison.Resource.Source.At(""), Ask(request), comparison.Resource.DependsOn,
            comparison.Fields.IsEmpty ? "records the manifest as it now is" : null);
    }

    private void Replace(Comparison comparison, string reason)
    {
        var span = comparison.Resource.Source.At("");
        _replaced[comparison.Id] = reason;
        if (comparison.Exists && comparison.Resource.Metadata.PreventReplace)
        {
            _bag.Error(HostCodes.ReplacePrevented, $"{comparison.Id} would have to be replaced ({reason}), which preventReplace forbids", span);
            return;
        }

        var delete = Request(comparison.Id, ChangeAction.Delete, comparison.Live! with { DeletionPolicy = DeletionPolicy.Delete }) with { Replaces = true };
        var create = Request(comparison, ChangeAction.Create, null) with { Fields = Comparer.All(Schema(comparison), comparison.Desired), Replaces = true };
        _requests.Add(delete);
        var removal = Ask(delete);
        var whole = Request(comparison, ChangeAction.Replace, comparison.Live);
        Add(whole, span, [.. removal, .. Ask(create)], comparison.Resource.DependsOn, reason, removal.Count);
    }

    // A thing inside what is replaced goes down with it.
    private string? ReplaceReason(Comparison comparison)
    {
        var field = comparison.Fields.FirstOrDefault(static f => !f.InPlace);
        return field is not null ? $"{field.Path}: {field.ReplaceReason}" : Replaced(comparison);
    }

    private string? Replaced(Comparison comparison)
    {
        var container = comparison.Live!.DependsOn.FirstOrDefault(_replaced.ContainsKey);
        return container == default ? null : $"{container}, which contains it, is replaced";
    }

    private void Add(
        ChangeRequest request, SourceSpan source, IReadOnlyList<Operation> operations,
        ImmutableArray<ResourceId> after, string? reason, int removals = 0)
    {
        _requests.Add(request);
        _changes.Add(new ResourceChange(
            request.Id, request.Action, source, [.. request.Fields], [.. operations], after, LiveDigest.Of(request.Live))
        {
            Object = request.Live?.Object,
            Reason = reason,
            Removals = request.Action == ChangeAction.Delete ? operations.Count : removals,
            ContainedIn = request.Live?.DependsOn.ToImmutableArray() ?? [],
        });
    }

    private IReadOnlyList<Operation> Ask(ChangeRequest request) => drivers.For(request.Id.Kind).Plan(request, _bag);

    private KindSchema Schema(Comparison comparison) => drivers.For(comparison.Id.Kind).Schema;

    private ChangeRequest Request(ResourceId id, ChangeAction action, Observed? live) =>
        new(id, action, findings.Scope, null, null, null, live, [], options.Force) { Set = findings.Desired, Snapshot = findings.Snapshot };

    private ChangeRequest Request(Comparison comparison, ChangeAction action, Observed? live) =>
        new(comparison.Id, action, findings.Scope, comparison.Resource, comparison.Effective, comparison.Desired, live, comparison.Fields, options.Force)
        {
            Set = findings.Desired,
            WriteMark = action == ChangeAction.Create,
            Snapshot = findings.Snapshot,
        };
}
