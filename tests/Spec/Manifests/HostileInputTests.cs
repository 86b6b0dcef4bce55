using System.Diagnostics;
using System.Text;

namespace Provision.Spec.Tests;

/// <summary>Input made to crash or to stall a parser: an error or nothing, and at once.</summary>
public sealed class HostileInputTests
{
    // Far above what a busy machine needs, far below what a quadratic reader would take.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    public static readonly TheoryData<string, string?> Texts = Build();

    [Theory]
    [MemberData(nameof(Texts))]
    public void Parse_HostileText_ErrorAtOnce(string name, string? code)
    {
        var text = Text(name);
        var clock = Stopwatch.StartNew();
        var result = Manifests.Parse("test.yaml", text, TestKinds.All);
        clock.Stop();

        Assert.True(clock.Elapsed < Stall, $"took {clock.Elapsed}");
        if (code is not null)
            Assert.Contains(result.Diagnostics.Items, d => d.Code == code);
        foreach (var diagnostic in result.Diagnostics.Items.Take(100))
            Assert.NotEmpty(DiagnosticRenderer.Render(diagnostic, result.Sources).ToString());
    }

    private static TheoryData<string, string?> Build() => new()
    {
        { "brackets", DiagnosticCodes.TooDeep },
        { "braces", DiagnosticCodes.TooDeep },
        { "dashes", DiagnosticCodes.TooDeep },
        { "question marks", DiagnosticCodes.TooDeep },
        { "indented maps", DiagnosticCodes.TooDeep },
        { "long scalar", DiagnosticCodes.DocumentTooLarge },
        { "many nodes", DiagnosticCodes.DocumentTooLarge },
        { "laughs", DiagnosticCodes.AliasExpansion },
        { "quadratic aliases", DiagnosticCodes.AliasExpansion },
        { "unknown keys", DiagnosticCodes.UnknownField },
        { "duplicate keys", DiagnosticCodes.DuplicateKey },
        { "emoji line", null },
        { "many documents", DiagnosticCodes.NotAManifest },
        { "chain", null },
        { "ring", DiagnosticCodes.Cycle },
        { "colons", DiagnosticCodes.YamlSyntax },
        { "variables", DiagnosticCodes.UndefinedVariable },
        { "open variables", DiagnosticCodes.MalformedVariable },
        { "long number", DiagnosticCodes.InvalidValue },
        { "long list", DiagnosticCodes.InvalidValue },
        { "anchors", DiagnosticCodes.YamlSyntax },
        { "huge range", DiagnosticCodes.InvalidValue },
        { "tabs", null },
        { "line ends", null },
    };

    private static string Text(string name) => name switch
    {
        "brackets" => new string('[', 20_000),
        "braces" => new string('{', 20_000),
        "dashes" => Repeat("- ", 20_000),
        "question marks" => Repeat("? ", 20_000),
        "indented maps" => string.Concat(Enumerable.Range(0, 1_300).Select(static i => new string(' ', i) + "a:\n")),
        "long scalar" => "a: " + new string('x', 2_000_000),
        "many nodes" => "a: [" + Repeat("a, ", 200_000) + "]",
        "laughs" => string.Concat(Enumerable.Range(0, 12).Select(static i =>
            i == 0 ? "a0: &a0 x\n" : $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n")),
        "quadratic aliases" => "a: &a [" + Repeat("x, ", 5_000) + "]\nb: [" + Repeat("*a, ", 5_000) + "]",
        "unknown keys" => Bridge(string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"  adresses{i}: 1\n"))),
        "duplicate keys" => Bridge(Repeat("  mtu: 1500\n", 40_000)),
        "emoji line" => Container("args: [" + Repeat("😀, ", 90_000) + "]"),
        "many documents" => Repeat("---\na\n", 50_000),
        "chain" => Cgroups(5_000, static i => i == 0 ? null : i - 1),
        "ring" => Cgroups(5_000, static i => (i + 4_999) % 5_000),
        "colons" => "a: " + Repeat("::", 500_000),
        "variables" => Container("args: [\"" + Repeat("${A}", 20_000) + "\"]"),
        "open variables" => Container("args: [\"" + Repeat("${", 20_000) + "\"]"),
        "long number" => Bridge("  mtu: " + new string('9', 500_000)),
        "long list" => Bridge("  macAddress: \"" + Repeat("00:", 300_000) + "\""),
        "anchors" => Repeat("&a ", 300_000),
        "huge range" => "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: a}\nspec: {cpuset: {cpus: 0-2147483647}}\n",
        "tabs" => "a:" + new string('\t', 900_000) + "b",
        "line ends" => "a: b" + new string('\n', 900_000) + " c\n\r\u0085\u2028",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static string Bridge(string spec) => $"apiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: a}}\nspec:\n{spec}";

    private static string Container(string spec) =>
        $"apiVersion: provision/v1\nkind: Container\nmetadata: {{name: a}}\nspec:\n  command: [a]\n  {spec}\n";

    private static string Cgroups(int count, Func<int, int?> parent) => string.Concat(Enumerable.Range(0, count).Select(i =>
        $"---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {{name: g{i}}}\n{(parent(i) is { } p ? $"spec: {{parent: g{p}}}\n" : "")}"));
}
