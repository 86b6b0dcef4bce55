using System.Text.RegularExpressions;

namespace Provision.Architecture;

/// <summary>docs/HOSTS.md tells of every feature that a test says it needs, and scripts/lacking.sh can find each.</summary>
public sealed partial class HostsTests
{
    private static readonly string[] Needed =
    [
        .. Repository.CSharpFiles("tests").Where(static p => !p.StartsWith("tests/Architecture/", StringComparison.Ordinal))
            .SelectMany(static p => Need().Matches(Repository.Text(p)))
            .Select(static m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void Needs_OfTheTests_HaveARowEachInTheMatrix()
    {
        var rows = Row().Matches(Repository.Text("docs/HOSTS.md")).Select(static m => m.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.NotEmpty(Needed);
        Assert.Equal(Needed, rows);
    }

    [Fact]
    public void Needs_OfTheTests_AreWhatTheScriptLooksFor()
    {
        var found = Echo().Matches(Repository.Text("scripts/lacking.sh")).Select(static m => m.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.Equal(Needed, found);
    }

    [Fact]
    public void Rows_OfTheMatrix_AreProvenOnAMachine() =>
        Assert.All(Row().Matches(Repository.Text("docs/HOSTS.md")), static row => Assert.Contains("proven", row.Value, StringComparison.Ordinal));

    [GeneratedRegex(@"\[Trait\(""Needs"", ""([^""]+)""\)\]")]
    private static partial Regex Need();

    [GeneratedRegex(@"^\| `([^`]+)` \|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\|\| echo (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Echo();
}
