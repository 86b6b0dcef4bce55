using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>A file that was read.</summary>
/// <param name="Path">As diagnostics show it; <c>&lt;stdin&gt;</c> for standard input.</param>
/// <param name="Sha256">Lower-case hexadecimal digest of its bytes.</param>
public sealed record ManifestFile(string Path, string Sha256);

/// <summary>What manifests say, and everything that is wrong with them.</summary>
/// <param name="Set">In dependency order. When <paramref name="Diagnostics"/> has errors it is incomplete and not
/// to be acted on.</param>
/// <param name="Diagnostics">Sorted by file, line and column.</param>
/// <param name="Sources">The texts by file name, for caret lines.</param>
/// <param name="Files">In the order of reading.</param>
/// <param name="Digest">SHA-256, lower-case hexadecimal, over the digests of all files in order and over every
/// variable that they use with its value: equal digests mean equal declarations.</param>
public sealed record ManifestResult(
    ResourceSet Set,
    DiagnosticBag Diagnostics,
    IReadOnlyDictionary<string, SourceText> Sources,
    ImmutableArray<ManifestFile> Files,
    string Digest)
{
    public bool HasErrors => Diagnostics.HasErrors;
}
