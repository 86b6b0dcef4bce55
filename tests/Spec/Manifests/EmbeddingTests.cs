using System.Text;

namespace Provision.Spec.Tests;

/// <summary>Files that manifests name: read once, by the manifest's place, and part of the declaration.</summary>
public sealed class EmbeddingTests
{
    private static readonly Field Text = new("text", Types.Text(), "A file's name, then its content.");

    private static readonly KindRegistry Kinds = new(
        [new KindSchema("Page", "A page.", [Text]) { Embed = Embed }]);

    private readonly List<string> _asked = [];

    [Fact]
    public void Load_NamedFile_TakesItsContentInAndCountsItInTheDigest()
    {
        var (one, other) = (Parse("sub/pages.yaml", Page("a", "x"), "content"), Parse("sub/pages.yaml", Page("a", "x"), "another"));

        Assert.Empty(one.Diagnostics.Items);
        Assert.Equal("content", one.Set.Ordered.Single().Spec.Text(Text));
        Assert.Equal(["sub/pages.yaml", "sub/x"], one.Files.Select(static f => f.Path));
        Assert.Equal("content", one.Sources["sub/x"].Text);
        Assert.NotEqual(one.Digest, other.Digest);
    }

    [Fact]
    public void Load_FileNamedTwice_ReadsItOnce()
    {
        Parse("pages.yaml", Page("a", "x") + "---\n" + Page("b", "x"), "content");

        Assert.Equal([". x"], _asked);
    }

    [Fact]
    public void Load_FileThatCannotBeUsed_IsToldAtItsNameOnce()
    {
        var result = Parse("pages.yaml", Page("a", "x"), null);

        var problem = Assert.Single(result.Diagnostics.Items);
        Assert.Equal((DiagnosticCodes.EmbeddedFile, "pages.yaml:5:9"), (problem.Code, problem.Span.ToString()));
        Assert.Contains("no such thing", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileThatIsNotText_IsTold() =>
        Assert.Equal([DiagnosticCodes.ControlCharacter], Parse("pages.yaml", Page("a", "x"), "\0").Diagnostics.Items.Select(static d => d.Code));

    [Fact]
    public void Load_BrokenManifest_OpensNothing()
    {
        Parse("pages.yaml", Page("a", "x") + "  nothing: 1\n", "content");

        Assert.Empty(_asked);
    }

    [Fact]
    public void Parse_WithoutAReader_RefusesTheFile() =>
        Assert.Equal([DiagnosticCodes.EmbeddedFile], Manifests.Parse("pages.yaml", Page("a", "x"), Kinds).Diagnostics.Items.Select(static d => d.Code));

    private static string Page(string name, string file) =>
        $"apiVersion: provision/v1\nkind: Page\nmetadata: {{name: {name}}}\nspec:\n  text: {file}\n";

    private ManifestResult Parse(string manifest, string text, string? content) => Manifests.Parse(manifest, text, Kinds, new ManifestOptions
    {
        ReadBeside = (directory, name, _) =>
        {
            _asked.Add($"{directory} {name}");
            return content is null ? (null, "no such thing") : (Encoding.UTF8.GetBytes(content), null);
        },
    });

    private static Resource Embed(Resource page, Embedding files) =>
        files.Read(page.Spec.Text(Text)!, page.Source.At(Text.Path)) is { } source ? page with { Spec = page.Spec.With(Text, source.Text) } : page;
}
