using System.Text;
using System.Text.RegularExpressions;

namespace Provision.Spec.Tests;

/// <summary>
/// Golden/CASE/input*.yaml → Golden/CASE/expected.txt: the resources in dependency order with their values, then
/// the diagnostics as the command line shows them. UPDATE_GOLDEN=1 rewrites what is expected.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Root = Repository.Folder("Golden");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetDirectories(Root).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden_Case_AsExpected(string name)
    {
        var directory = Path.Combine(Root, name);
        var actual = Run(directory);
        Repository.AssertKept(Path.Combine(directory, "expected.txt"), actual);
    }

    /// <summary>Codes that some golden case reports.</summary>
    public static IEnumerable<string> CodesSeen() => Directory
        .EnumerateFiles(Root, "expected.txt", SearchOption.AllDirectories)
        .SelectMany(static f => Regex.Matches(File.ReadAllText(f), @": (error|warning) (PV\d{4}): ").Select(static m => m.Groups[2].Value));

    private static string Run(string directory)
    {
        var variables = new Dictionary<string, string> { ["NAME"] = "web", ["SIZE"] = "64Mi", ["EMPTY"] = "" };
        var options = new ManifestOptions { Variables = n => variables.GetValueOrDefault(n) };
        var inputs = Directory.GetFileSystemEntries(directory, "input*").Order(StringComparer.Ordinal).ToList();
        var result = Manifests.Load(inputs, TestKinds.All, options);
        var text = new StringBuilder();
        foreach (var resource in result.Set.Ordered)
        {
            text.Append($"{resource.Id} {resource.Spec}\n");
            if (resource.DependsOn.Length > 0)
                text.Append($"  after {string.Join(", ", resource.DependsOn)}\n");
            var metadata = resource.Metadata;
            if (metadata != new Metadata(metadata.Name) { IgnoreFields = metadata.IgnoreFields } || metadata.IgnoreFields.Length > 0)
                text.Append($"  {metadata.ManagementPolicy} {metadata.DeletionPolicy} preventReplace={metadata.PreventReplace}")
                    .Append($" labels=[{string.Join(", ", metadata.Labels)}] annotations=[{string.Join(", ", metadata.Annotations)}]")
                    .Append($" ignore=[{string.Join(", ", metadata.IgnoreFields)}]\n");
        }

        foreach (var diagnostic in result.Diagnostics.Items)
            text.Append(DiagnosticRenderer.Render(diagnostic, result.Sources));
        return text.ToString().Replace(directory + "/", "", StringComparison.Ordinal);
    }
}
