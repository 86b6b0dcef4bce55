using System.Runtime.CompilerServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>
/// Golden/CASE: observed.txt (the host: <c>host v1|v2</c>, then what others did: <c>make HIERARCHY PATH</c>,
/// <c>remove HIERARCHY PATH</c>,
/// <c>write HIERARCHY PATH FILE VALUE</c>), before.yaml (applied first, where there is one) and manifest.yaml give
/// expected-plan.txt. <c>UPDATE_GOLDEN=1 dotnet test tests/Drivers</c> rewrites the expectations.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Folder()).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_OfCase_IsAsExpected(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var expected = Path.Combine(folder, "expected-plan.txt");
        var actual = Render(folder);

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(expected, actual);
        Assert.Equal(File.ReadAllText(expected), actual);
    }

    private static string Render(string folder)
    {
        var script = File.ReadAllLines(Path.Combine(folder, "observed.txt")).Select(static l => l.Split(' ', 5)).ToList();
        var host = new FakeHost(script[0][1] == "v2" ? FakeCgroups.V2([.. script[0].Skip(2)]) : FakeCgroups.Hybrid());
        var before = Path.Combine(folder, "before.yaml");
        if (File.Exists(before))
            host.Converge(FakeHost.Set(File.ReadAllText(before)));
        foreach (var step in script.Skip(1))
            if (step[0] == "make")
                host.Kernel.Make(step[1], step[2]);
            else if (step[0] == "remove")
                host.Kernel.Remove(step[1], step[2]);
            else
                host.Kernel.Foreign(step[1], step[2], step[3], step[4]);

        var manifests = FakeHost.Read(File.ReadAllText(Path.Combine(folder, "manifest.yaml")));
        var text = new StringBuilder();
        foreach (var problem in manifests.Diagnostics.Items)
            text.Append($"{problem.Code} {problem.Span} {problem.Message}\n");
        if (manifests.HasErrors)
            return text.ToString();

        var result = host.Plan(manifests.Set);
        foreach (var problem in result.Diagnostics)
            text.Append($"{problem.Code} {problem.Span} {problem.Message}\n");
        Write(text, "before", result.Plan.Before);
        foreach (var change in result.Plan.Changes)
        {
            text.Append($"{change.Action} {change.Id}\n");
            foreach (var field in change.Fields)
                text.Append($"  {field.Path}: {field.From?.ToString() ?? "-"} -> {field.To?.ToString() ?? "-"} ({field.Cause}{(field.InPlace ? "" : $"; replace: {field.ReplaceReason}")})\n");
            Write(text, "operations", change.Operations);
        }

        Write(text, "after", result.Plan.After);
        text.Append($"unchanged: {result.Plan.Unchanged}\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, string title, IReadOnlyList<Operation> operations)
    {
        if (operations.Count == 0)
            return;
        text.Append($"  {title}:\n");
        foreach (var operation in operations)
            text.Append($"    {operation.Object}: {operation.Text}{(operation.AfterDependents ? " (after dependents)" : "")}{(operation.Undo is { } undo ? $"   [undo: {undo.Text}]" : "")}\n");
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
