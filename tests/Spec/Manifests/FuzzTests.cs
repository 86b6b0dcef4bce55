using System.Diagnostics;
using CsCheck;

namespace Provision.Spec.Tests;

/// <summary>Random damage to good manifests, and random text: diagnostics, never an exception, never a stall.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Good =
        [.. Directory.EnumerateFiles(Repository.Folder("Golden"), "*.yaml", SearchOption.AllDirectories)
            .Where(static f => !f.Contains("not-utf8")).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.OneOf(
            "[", "]", "{", "}", ": ", ":", "- ", "-", "? ", "&a ", "*a", "!!str ", "!", "|\n", ">\n", "\"", "'", "#", "\n", "\n\n", "\r", "\t", "  ",
            "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n", "${", "}", "$$", "${NAME}", "\\", "\\U00110000", "\\x", "\ud83d\ude00", "\u0085", "\u2028", "\ufeff",
            "<<: ", "null", "~", ",", "@", "`", "99999999999999999999", "0", "/", "."),
        Gen.String[Gen.Char[" :-[]{}\"'\n#ab&*!|>%"], 0, 6]);

    private static readonly Gen<(int Kind, int At, int Length, string Text)> Edit =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5_000], Gen.Int[0, 40], Piece);

    [Fact]
    public void Parse_DamagedManifest_NeverThrowsNorStalls() =>
        Gen.Select(Gen.OneOf(Good), Edit.Array[1, 8]).Sample(
            static (text, edits) => Check(edits.Aggregate(text, Damage)),
            iter: 4_000);

    [Fact]
    public void Parse_RandomPieces_NeverThrowsNorStalls() =>
        Piece.Array[0, 60].Select(static p => string.Concat(p)).Sample(static text => Check(text), iter: 4_000);

    private static string Damage(string text, (int Kind, int At, int Length, string Text) edit)
    {
        var at = edit.At % (text.Length + 1);
        var length = Math.Min(edit.Length, text.Length - at);
        return edit.Kind switch
        {
            0 => text.Insert(at, edit.Text),
            1 => text.Remove(at, length),
            _ => text.Insert(at, text.Substring(at, length)),
        };
    }

    private static void Check(string text)
    {
        var clock = Stopwatch.StartNew();
        var result = Manifests.Parse("test.yaml", text, TestKinds.All);
        foreach (var diagnostic in result.Diagnostics.Items)
        {
            var rendered = DiagnosticRenderer.Render(diagnostic, result.Sources);
            Assert.NotEmpty(rendered.Header);
            Assert.True(diagnostic.Span.Line > 0 && diagnostic.Span.Column > 0, diagnostic.ToString());
            Assert.True(rendered.Line is null || rendered.Caret!.Contains('^'), diagnostic.ToString());
        }

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed} for {text}");
    }
}
