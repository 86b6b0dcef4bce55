using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>
/// Golden/CASE: observed.txt (the host: <c>host v1|v2</c>, then what others did), before.yaml (applied first, where
/// there is one; layers are on by then) and manifest.yaml give expected-plan.txt. <c>UPDATE_GOLDEN=1</c> rewrites the expectations.
/// </summary>
public sealed partial class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Folder()).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_OfCase_IsAsExpected(string name) => AssertCase(Path.Combine(Folder(), name));

    internal static void AssertCase(string folder)
    {
        var expected = Path.Combine(folder, "expected-plan.txt");
        var actual = Render(folder);

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(expected, actual);
        Assert.Equal(File.Exists(expected) ? File.ReadAllText(expected) : "", actual);
    }

    [Fact]
    public void Codes_All_ToldByACase()
    {
        // Those of profiles show in the cases of the kind that declares them.
        var told = Directory.EnumerateFiles(Path.Combine(Folder(), "..", ".."), "expected-plan.txt", SearchOption.AllDirectories)
            .SelectMany(static f => Code().Matches(File.ReadAllText(f)).Select(static m => m.Value)).ToHashSet();
        var declared = typeof(Drivers.Container.ContainerCodes).GetFields().Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(declared.Count, declared.Distinct().Count());
        Assert.Empty(declared.Except(told));
    }

    private static string Render(string folder)
    {
        var script = File.ReadAllLines(Path.Combine(folder, "observed.txt")).Select(static l => l.Split(' ')).ToList();
        var host = new FakeHost(script[0][1] switch
        {
            "v2" => FakeCgroups.V2(),
            "none" => FakeCgroups.None(),
            _ => FakeCgroups.Hybrid(),
        });
        var before = Path.Combine(folder, "before.yaml");
        foreach (var step in script.Skip(1).Where(static s => s[0] == "layer"))
            host.Security.On.Add(step[1]);
        if (File.Exists(before))
            host.Converge(FakeHost.SetIn(folder, "before.yaml"));
        foreach (var step in script.Skip(1).Where(static s => s[0] != "layer"))
            Do(step, host);

        var manifests = FakeHost.Read(File.ReadAllText(Path.Combine(folder, "manifest.yaml")), folder);
        var text = new StringBuilder();
        foreach (var problem in manifests.Diagnostics.Items)
            Write(text, problem);
        if (manifests.HasErrors)
            return text.ToString();

        var result = host.Plan(manifests.Set, new PlanOptions { Prune = true, PruneAll = true });
        foreach (var problem in result.Diagnostics.Concat(result.Findings.Comparisons.SelectMany(static c => c.Problems).Where(static p => p.Severity == Severity.Warning)))
            Write(text, problem);
        Write(text, "before", result.Plan.Before);
        foreach (var change in result.Plan.Changes)
        {
            text.Append($"{change.Action} {change.Id}{(change.Reason is null ? "" : $" ({change.Reason})")}\n");
            foreach (var field in change.Fields)
                text.Append($"  {field.Path}: {field.From?.ToString() ?? "-"} -> {field.To?.ToString() ?? "-"} ({field.Cause}{(field.InPlace ? "" : $"; replace: {field.ReplaceReason}")})\n");
            Write(text, "operations", change.Operations);
        }

        Write(text, "after", result.Plan.After);
        text.Append($"unchanged: {result.Plan.Unchanged}\n");
        return text.ToString();
    }

    private static void Do(string[] step, FakeHost host)
    {
        var number = step.Length > 2 && ulong.TryParse(step[^1], CultureInfo.InvariantCulture, out var last) ? last : 0;
        switch (step)
        {
            case ["make", var hierarchy, var path]:
                host.Cgroups.Make(hierarchy, path);
                break;
            case ["remove", var hierarchy, var path]:
                host.Cgroups.Remove(hierarchy, path);
                break;
            case ["write", var hierarchy, var path, var file, var value]:
                host.Cgroups.Foreign(hierarchy, path, file, value);
                break;
            case ["exit", var name, var state, var status]:
                host.Containers[name].End(Enum.Parse<RunState>(state), int.Parse(status, CultureInfo.InvariantCulture));
                break;
            case ["lacks", var call, var since]:
                host.Security.MissingCalls = host.Security.MissingCalls.Add(new MissingCall(call, since));
                break;
            case ["supervisor", "killed"]:
                host.Containers.KillSupervisor();
                break;
            case ["rlimit", var name, var soft, _]:
                host.Containers[name].Rlimits[RlimitResource.Nofile] = (ulong.Parse(soft, CultureInfo.InvariantCulture), number);
                break;
            case ["oom", var name, var score]:
                host.Containers[name].OomScoreAdj = int.Parse(score, CultureInfo.InvariantCulture);
                break;
            case ["hostname", var name, var text]:
                host.Containers[name].Hostname = text;
                break;
            case ["capabilities", var name, ..]:
                host.Containers[name].Capabilities |= Capability.Mask([step[2]]);
                break;
            case ["gain", var name, var capability]:
                host.Containers[name].Gained |= Capability.Mask([capability]);
                break;
            case ["filters", var name, _]:
                host.Containers[name].Filters = (int)number;
                break;
            case ["privileges", var name]:
                host.Containers[name].NoNewPrivileges = false;
                break;
            case ["label", var name, var label]:
                host.Containers[name].Label = label;
                break;
            case ["process", var label]:
                host.Security.InUse.Add(label);
                break;
            case ["shares", var name, var kind]:
                host.Containers[name].SharesNamespace = kind;
                break;
            case ["address", var name, var link, var address]:
                var there = host.Containers[name].Links[link];
                host.Containers[name].Links[link] = there with { Addresses = [.. there.Addresses, address] };
                break;
            case ["unplug", var name, var link]:
                host.Containers[name].Links.Remove(link);
                break;
            default:
                throw new ArgumentException(string.Join(' ', step));
        }
    }

    private static void Write(StringBuilder text, Diagnostic problem) =>
        text.Append($"{problem.Severity} {problem.Code} {problem.Span} {problem.Message}{(problem.Hint is null ? "" : $" ({problem.Hint})")}\n");

    private static void Write(StringBuilder text, string title, IReadOnlyList<Operation> operations)
    {
        if (operations.Count == 0)
            return;
        text.Append($"  {title}:\n");
        foreach (var operation in operations)
            text.Append($"    {operation.Object}: {OrderDigest().Replace(operation.Text, "order")}{(operation.Field is null ? "" : $" {{{operation.Field}}}")}{(operation.Undo is { } undo ? $"   [undo: {OrderDigest().Replace(undo.Text, "order")}]" : "")}\n");
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    // What is in an order is OrdersTests' business.
    [GeneratedRegex("order sha256:[0-9a-f]+")]
    private static partial Regex OrderDigest();

    [GeneratedRegex(@"\bPV50\d{2}\b")]
    private static partial Regex Code();
}
