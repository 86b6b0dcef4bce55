using System.Xml.Linq;

namespace Provision.Architecture;

public sealed class LayerTests
{
    public static TheoryData<string> LayerFolders => [.. Layers.All.Select(static l => l.Folder)];

    [Theory]
    [MemberData(nameof(LayerFolders))]
    public void Project_OfALayer_ReferencesItsInnerLayerOnly(string folder)
    {
        var (layer, project) = Load(folder);

        Assert.Equal(layer.References, Included(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension));
    }

    [Theory]
    [MemberData(nameof(LayerFolders))]
    public void Project_OfALayer_UsesItsOwnPackagesOnly(string folder)
    {
        var (layer, project) = Load(folder);

        Assert.Empty(Included(project, "PackageReference").Except(layer.Packages));
    }

    [Fact]
    public void Projects_OfTheProgram_AreTheLayersAndNoMore() =>
        Assert.Equal(
            Layers.All.Select(static l => $"{l.Folder}/{l.Project}").Order(StringComparer.Ordinal),
            Repository.Files("src", "*.csproj"));

    [Fact]
    public void Projects_ThatCompileUnsafeCode_AreTheKernelLayerAlone() =>
        Assert.Equal(
            ["src/Drivers/Kernel/Provision.Kernel.csproj"],
            Repository.Files("src", "*.csproj").Append("Directory.Build.props")
                .Where(static path => Repository.Text(path).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));

    [Fact]
    public void Solution_HoldsEveryProject()
    {
        var solution = Repository.Text("Provision.sln").Replace('\\', '/');

        Assert.All(Repository.Files("src", "*.csproj").Concat(Repository.Files("tests", "*.csproj")), p => Assert.Contains($"\"{p}\"", solution));
    }

    [Fact]
    public void Sources_OfTheProgram_KeepTheArrows() => Assert.Empty(Repository.Sources.SelectMany(Layers.Violations));

    [Theory]
    [InlineData("src/Spec/A.cs", "using Provision.Reconciler;")]
    [InlineData("src/Spec/A.cs", "namespace Provision.Reconciler;")]
    [InlineData("src/Spec/A.cs", "var a = new Provision.Kernel.B();")]
    [InlineData("src/Reconciler/A.cs", "using Provision.Kernel;")]
    [InlineData("src/Drivers/Kernel/Sys/A.cs", "using Provision.Drivers;")]
    [InlineData("src/Drivers/Kernel/Sys/A.cs", "using Provision.Drivers.Bridge;")]
    [InlineData("src/Drivers/Bridge/A.cs", "using Provision.Drivers.Cgroup;")]
    [InlineData("src/Drivers/Bridge/A.cs", "namespace Provision.Drivers.Cgroup;")]
    [InlineData("src/Drivers/A.cs", "using Provision.Cli;")]
    [InlineData("src/Other/A.cs", "")]
    public void Violations_ArrowTheWrongWay_AreTold(string path, string code) =>
        Assert.NotEmpty(Layers.Violations(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("src/Reconciler/Plans/A.cs", "using Provision.Spec; namespace Provision.Reconciler;")]
    [InlineData("src/Drivers/Kernel/Sys/A.cs", "using Provision.Reconciler;")]
    [InlineData("src/Drivers/Bridge/A.cs", "using Provision.Kernel; namespace Provision.Drivers.Bridge;")]
    [InlineData("src/Drivers/A.cs", "using Provision.Drivers.Bridge; using Provision.Drivers.Cgroup;")]
    [InlineData("src/Cli/A.cs", "using Provision.Drivers;")]
    [InlineData("src/Spec/A.cs", "// not Provision.Cli\nvar a = \"Provision.Cli\";")]
    public void Violations_ArrowTheRightWay_AreNone(string path, string code) =>
        Assert.Empty(Layers.Violations(SourceFile.Parse(path, code)));

    private static (Layer Layer, XDocument Project) Load(string folder)
    {
        var layer = Layers.All.Single(l => l.Folder == folder);
        return (layer, XDocument.Parse(Repository.Text($"{layer.Folder}/{layer.Project}")));
    }

    private static IEnumerable<string> Included(XDocument project, string item) =>
        project.Descendants(item).Select(static i => i.Attribute("Include")!.Value);
}
