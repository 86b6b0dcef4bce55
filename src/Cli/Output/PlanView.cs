using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>A plan for people: what changes in which resource, field by field, and why.</summary>
internal sealed class PlanView(DriverRegistry drivers, bool operations)
{
    private readonly ShownOperation _shown = new(drivers);

    public IEnumerable<Line> Lines(PlanResult result)
    {
        var plan = result.Plan;
        // What serves the instance goes without saying beside changes, and is all there is to say without.
        var framed = operations || plan.Changes.IsEmpty;
        if (framed && !plan.Before.IsEmpty)
            foreach (var line in Frame("first", plan.Before))
                yield return line;
        var comparisons = result.Findings.Comparisons.ToDictionary(static c => c.Id);
        var open = false;
        foreach (var change in plan.Changes)
        {
            // Changes of one line stand together; those with fields have air around them.
            var lines = Change(change, comparisons.GetValueOrDefault(change.Id)).ToList();
            if (!open && lines.Count > 1 && change != plan.Changes[0])
                yield return "";
            open = lines.Count > 1;
            foreach (var line in lines)
                yield return line;
            if (open)
                yield return "";
        }

        if (!open && !plan.Changes.IsEmpty)
            yield return "";

        if (framed && !plan.After.IsEmpty)
            foreach (var line in Frame("last", plan.After))
                yield return line;
        foreach (var line in Tail(plan))
            yield return line;
    }

    private IEnumerable<Line> Change(ResourceChange change, Comparison? comparison)
    {
        var (sign, tint, word) = Look(change);
        var line = new Line(sign, tint).Add(" ").Add(change.Id.ToString(), Tint.Bold).Add("   ").Add(word, tint);
        if (change.Reason is not null and not "destroy")
            line.Add($": {change.Reason}");
        else if (change.Action == ChangeAction.Create && change.Fields.Any(static f => f.Cause == Cause.Drift))
            line.Add(": was applied and is gone   ").Add("(drift)", Tint.Warning);
        if (change.Source.Line > 0)
            line.Add($"   {change.Source.File}:{change.Source.Line}", Tint.Dim);
        yield return line;

        foreach (var field in change.Action is ChangeAction.Create or ChangeAction.Replace && !change.ObserveOnly && comparison is not null
            ? Stated(change, comparison)
            : FieldLines.Of(change.Fields, change.Action == ChangeAction.Create))
            yield return field;

        if (!operations)
            yield break;
        foreach (var operation in change.Operations)
        {
            yield return new Line("      · ", Tint.Dim).Add(_shown.Text(change.Id, operation));
            foreach (var step in _shown.Listing(change.Id, operation))
                yield return new Line($"          {step}", Tint.Dim);
        }
    }

    // A creation sets everything; what the manifest says is what the reader wants to see.
    private static IEnumerable<Line> Stated(ResourceChange change, Comparison comparison)
    {
        var stated = change.Fields.Where(f => change.Action == ChangeAction.Replace || comparison.Resource.Spec.Get(f.Path.Root) is not null).ToList();
        foreach (var line in FieldLines.Of(stated, change.Action == ChangeAction.Create))
            yield return line;
        if (change.Fields.Length > stated.Count)
            yield return new Line($"      and {Words.Count(change.Fields.Length - stated.Count, "default")}", Tint.Dim);
    }

    private IEnumerable<Line> Frame(string word, IEnumerable<Operation> frame)
    {
        yield return new Line("  ").Add("the instance", Tint.Bold).Add($"   {word}");
        foreach (var operation in frame)
            yield return new Line("      · ", Tint.Dim).Add(_shown.Text(null, operation));
        yield return "";
    }

    private static IEnumerable<Line> Tail(Plan plan)
    {
        if (!plan.Orphans.IsEmpty)
        {
            yield return new Line($"Owned by stack {plan.Scope.Stack}, in no manifest, left alone (--prune deletes them):", Tint.Warning);
            foreach (var orphan in plan.Orphans)
                yield return new Line("    ").Add(orphan.Id.ToString(), Tint.Bold).Add($"   {orphan.Object}");
            yield return "";
        }

        foreach (var note in plan.Notes)
            yield return new Line("Note: ", Tint.Bold).Add($"{note.Id}: {note.Text}");
        if (plan.Notes.Length > 0)
            yield return "";
        yield return Summary(plan);
    }

    private static Line Summary(Plan plan)
    {
        var observed = plan.Changes.Count(static c => c.ObserveOnly);
        return plan switch
        {
            { IsEmpty: false } => new Line(
                $"Plan: {plan.Count(ChangeAction.Create)} to create, {plan.Count(ChangeAction.Update)} to update, " +
                $"{plan.Count(ChangeAction.Replace)} to replace, {plan.Count(ChangeAction.Delete)} to delete, {plan.Unchanged} unchanged.", Tint.Bold),
            _ when observed > 0 => new Line($"No changes to make; {Words.Count(observed, "observed resource")} not as declared.", Tint.Warning),
            { Unchanged: 0 } => new Line("No changes.", Tint.Good),
            _ => new Line($"No changes: {Words.Count(plan.Unchanged, "resource")} as declared.", Tint.Good),
        };
    }

    private static (string Sign, Tint Tint, string Word) Look(ResourceChange change) => change switch
    {
        { ObserveOnly: true } => ("?", Tint.Warning, "differs"),
        { Action: ChangeAction.Create } => ("+", Tint.Create, "create"),
        { Action: ChangeAction.Update } => ("~", Tint.Update, change.Fields.IsEmpty ? "update" : "update in place"),
        { Action: ChangeAction.Replace } => ("-/+", Tint.Replace, "replace"),
        _ => ("-", Tint.Delete, "delete"),
    };
}
