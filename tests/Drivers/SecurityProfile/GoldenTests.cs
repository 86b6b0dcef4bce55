using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Provision.Drivers.SecurityProfile;

namespace Provision.Drivers.Tests.SecurityProfile;

/// <summary>Golden/CASE as the Container's: a profile shows in the containers that name it.</summary>
public sealed partial class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Folder()).Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_OfCase_IsAsExpected(string name) => Container.GoldenTests.AssertCase(Path.Combine(Folder(), name));

    [Fact]
    public void Codes_All_ToldByACase()
    {
        var told = Directory.EnumerateFiles(Folder(), "expected-plan.txt", SearchOption.AllDirectories)
            .SelectMany(static f => Code().Matches(File.ReadAllText(f)).Select(static m => m.Value)).ToHashSet();
        var declared = typeof(SecurityProfileCodes).GetFields().Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(declared.Count, declared.Distinct().Count());
        Assert.Empty(declared.Except(told));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");

    [GeneratedRegex(@"\bPV52\d{2}\b")]
    private static partial Regex Code();
}
