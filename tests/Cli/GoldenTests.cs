using System.Runtime.CompilerServices;

namespace Provision.Cli.Tests;

/// <summary>
/// Sessions with the program, as they look: every folder of Golden has manifests, a script and what it shows.
/// <c>UPDATE_GOLDEN=1 dotnet test tests/Cli</c> writes the expectations anew.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Here())!, "Golden");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Folder).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Session_Replayed_ShowsWhatIsExpected(string name)
    {
        var folder = Path.Combine(Folder, name);
        using var bench = new Bench();
        foreach (var file in Directory.GetFiles(folder, "*.yaml").Concat(Directory.GetFiles(folder, "*.json")))
            File.Copy(file, Path.Combine(bench.Root, Path.GetFileName(file)));

        var shown = new Script(bench).Play(File.ReadLines(Path.Combine(folder, "script.txt")));

        var expected = Path.Combine(folder, "expected.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(expected, shown);
        Assert.Equal(File.Exists(expected) ? File.ReadAllText(expected) : "", shown);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
