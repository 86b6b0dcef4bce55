using System.Runtime.CompilerServices;
using System.Text;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// Golden/CASE/{manifest.yaml, observed.json, recorded.yaml, expected-plan.txt}: what is declared, what the kernel shows,
/// what was applied before, and the plan. UPDATE_GOLDEN=1 rewrites the plans.
/// </summary>
public sealed class GoldenTests
{
    private static readonly Scope Scope = new("golden");

    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Folder()).Select(static d => Path.GetFileName(d)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_OfTheCase_IsTheExpectedOne(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var actual = Render(folder);
        var file = Path.Combine(folder, "expected-plan.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual);
        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", actual);
    }

    private static string Render(string folder)
    {
        var manifests = Manifests.Load([Path.Combine(folder, "manifest.yaml")], new KindRegistry([BridgeSchema.Schema]));
        var text = new StringBuilder();
        foreach (var problem in manifests.Diagnostics.Items)
            Append(text, problem, folder);
        if (manifests.HasErrors)
            return text.ToString();
        var planner = new Planner(new DriverRegistry([new BridgeDriver(new FakeLinks(folder, Scope))]));
        var result = planner.Plan(manifests.Set, Scope, new PlanOptions { Prune = true, PruneAll = true });
        foreach (var problem in result.Diagnostics)
            Append(text, problem, folder);
        foreach (var change in result.Plan.Changes)
            Append(text, change);
        foreach (var note in result.Plan.Notes)
            text.Append($"Note {note.Id}: {note.Text}\n");
        text.Append($"unchanged {result.Plan.Unchanged}\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Diagnostic problem, string folder)
    {
        var at = $"{problem.Span}".Replace(folder + "/", "", StringComparison.Ordinal);
        text.Append($"{problem.Severity} {problem.Code} {at}: {problem.Message}{(problem.Hint is null ? "" : $" ({problem.Hint})")}\n");
    }

    private static void Append(StringBuilder text, ResourceChange change)
    {
        text.Append($"{change.Action} {change.Id}{(change.Reason is null ? "" : $" ({change.Reason})")}\n");
        foreach (var field in change.Fields)
            text.Append($"  {field.Path}: {field.From?.ToString() ?? "-"} -> {field.To?.ToString() ?? "-"} {field.Cause}\n");
        foreach (var operation in change.Operations)
            text.Append($"  * {operation.Text}{(operation.Undo is null ? "" : $"  <- {operation.Undo.Text}")}\n");
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
