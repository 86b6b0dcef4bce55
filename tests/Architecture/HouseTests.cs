using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Provision.Architecture;

/// <summary>Files of a readable size, and for every kind its folder, golden cases and example.</summary>
public sealed partial class HouseTests(ITestOutputHelper output)
{
    private const int LongFile = 300;
    private const int TooLongFile = 400;

    [Fact]
    public void Files_OfTheRepository_AreShortEnoughToRead()
    {
        var lengths = Repository.CSharpFiles("src").Concat(Repository.CSharpFiles("tests"))
            .Select(static path => (Path: path, Lines: Repository.Text(path).Count('\n')))
            .Where(static file => file.Lines > LongFile)
            .ToList();
        foreach (var (path, lines) in lengths)
            output.WriteLine($"{path}: {lines} lines: split it before it reaches {TooLongFile}");

        Assert.DoesNotContain(lengths, static file => file.Lines > TooLongFile);
    }

    [Fact]
    public void Kinds_Each_HaveGoldenCases() =>
        Assert.All(Repository.Kinds, static kind =>
            Assert.NotEmpty(Repository.Files($"tests/Drivers/{kind}/Golden", "*")));

    [Fact]
    public void Kinds_Each_HaveAWorkedExample()
    {
        var examples = Repository.Files("manifests", "*.yaml")
            .Where(static path => !path.StartsWith("manifests/quickstart/", StringComparison.Ordinal))
            .SelectMany(static path => KindLine().Matches(Repository.Text(path)))
            .Select(static match => match.Groups[1].Value)
            .ToHashSet();

        Assert.All(Repository.Kinds, kind => Assert.Contains(kind, examples));
    }

    [Fact]
    public void Kinds_Each_HaveTheSameFiles() =>
        Assert.All(Repository.Kinds, static kind =>
        {
            var files = Repository.CSharpFiles($"src/Drivers/{kind}").Select(Path.GetFileName).ToList();
            Assert.Contains($"{kind}Driver.cs", files);
            Assert.Contains($"{kind}Fields.cs", files);
            Assert.Contains($"{kind}Schema.cs", files);
        });

    [GeneratedRegex(@"^kind:\s*(\w+)\s*$", RegexOptions.Multiline)]
    private static partial Regex KindLine();
}
