using System.Reflection;
using System.Text.RegularExpressions;

namespace Provision.Spec.Tests;

public sealed class DiagnosticCodesTests
{
    // No golden document can show these; ManifestFilesTests, HostileInputTests and EmbeddingTests do.
    private static readonly string[] ShownByTests =
        [DiagnosticCodes.PathNotFound, DiagnosticCodes.PathUnreadable, DiagnosticCodes.FileTooLarge, DiagnosticCodes.DocumentTooLarge, DiagnosticCodes.EmbeddedFile];

    private static readonly string[] Declared =
        [.. typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static f => f.IsLiteral)
            .Select(static f => (string)f.GetRawConstantValue()!)];

    [Fact]
    public void Codes_All_UniqueAndWellFormedAndListed()
    {
        Assert.Equal(Declared.Length, Declared.Distinct().Count());
        Assert.All(Declared, static c => Assert.Matches(@"^PV0\d{3}$", c));
        Assert.Equal(Declared, DiagnosticCodes.All.Select(static c => c.Code));
        Assert.Equal(DiagnosticCodes.All.Length, DiagnosticCodes.All.Select(static c => c.Meaning).Distinct().Count());
    }

    [Fact]
    public void Codes_All_ReportedByAGoldenCaseOrAnotherTest() =>
        Assert.Empty(Declared.Except(GoldenTests.CodesSeen()).Except(ShownByTests));

    [Fact]
    public void Codes_ShownByTests_NamedThere()
    {
        var tests = string.Concat(Directory.GetFiles(Repository.Folder("Manifests"), "*.cs").Select(File.ReadAllText));
        foreach (var code in ShownByTests)
        {
            var name = typeof(DiagnosticCodes).GetFields().Single(f => f.IsLiteral && (string)f.GetRawConstantValue()! == code).Name;
            Assert.Matches(@$"\bDiagnosticCodes\.{Regex.Escape(name)}\b", tests);
        }
    }
}
