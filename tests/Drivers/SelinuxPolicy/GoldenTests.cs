using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// Golden/CASE/{manifest.yaml, observed.txt, expected-plan.txt}: what is declared, the host (<see cref="FakeSelinux"/>) and
/// the plan. What has a plan is applied, and must then plan empty. UPDATE_GOLDEN=1 rewrites the plans.
/// </summary>
public sealed partial class GoldenTests
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

    [Fact]
    public void Codes_All_ToldByACase()
    {
        var told = Directory.EnumerateFiles(Folder(), "expected-plan.txt", SearchOption.AllDirectories)
            .SelectMany(static f => Code().Matches(File.ReadAllText(f)).Select(static m => m.Value)).ToHashSet();
        var declared = typeof(SelinuxPolicyCodes).GetFields().Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(declared.Count, declared.Distinct().Count());
        Assert.Empty(declared.Except(told));
    }

    private static string Render(string folder)
    {
        var manifests = Manifests.Parse("manifest.yaml", File.ReadAllText(Path.Combine(folder, "manifest.yaml")), new KindRegistry([SelinuxPolicySchema.Schema]),
            new ManifestOptions { ReadBeside = (_, name, limit) => BesideFile.Read(folder, name, limit) });
        var text = new StringBuilder();
        foreach (var problem in manifests.Diagnostics.Items)
            Append(text, problem);
        if (manifests.HasErrors)
            return text.ToString();
        var host = new FakeSelinux(File.ReadAllLines(Path.Combine(folder, "observed.txt")));
        var planner = new Planner(new DriverRegistry([new SelinuxPolicyDriver(host)]));
        var options = new PlanOptions { Prune = true, PruneAll = true };
        var result = planner.Plan(manifests.Set, Scope, options);
        foreach (var problem in result.Diagnostics)
            Append(text, problem);
        foreach (var change in result.Plan.Changes)
            Append(text, change);
        foreach (var operation in result.Plan.After)
            Append(text, operation);
        text.Append($"unchanged {result.Plan.Unchanged}\n");
        if (result.HasErrors || result.Plan.IsEmpty)
            return text.ToString();

        var applied = new Applier(planner, [host]).Apply(result, options, new Quiet(), CancellationToken.None);
        Assert.Equal(ApplyOutcome.Done, applied.Outcome);
        Assert.True(planner.Plan(manifests.Set, Scope, options).Plan.IsEmpty);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Diagnostic problem) =>
        text.Append($"{problem.Severity} {problem.Code} {problem.Span}: {problem.Message}{(problem.Hint is null ? "" : $" ({problem.Hint})")}\n");

    private static void Append(StringBuilder text, ResourceChange change)
    {
        text.Append($"{change.Action} {change.Id}{(change.Reason is null ? "" : $" ({change.Reason})")}\n");
        foreach (var field in change.Fields)
            text.Append($"  {field.Path}: {Shown(field.From)} -> {Shown(field.To)} {field.Cause}\n");
        foreach (var operation in change.Operations)
            Append(text, operation);
    }

    private static void Append(StringBuilder text, Operation operation) =>
        text.Append($"  {operation.Text}; undo: {operation.Undo?.Text ?? "-"}\n");

    private static string Shown(Value? value) => value?.ToString()?.Trim() ?? "-";

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    [GeneratedRegex(@"\bPV53\d{2}\b")]
    private static partial Regex Code();

    private sealed class Quiet : IApplyProgress
    {
        public void Performed(ResourceId? id, Operation operation, KernelError? error)
        {
        }

        public void Undone(ResourceId? id, Operation operation, KernelError? error)
        {
        }
    }
}
