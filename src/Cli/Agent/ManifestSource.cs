using System.Security.Cryptography;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>The manifests of an agent: the last set that was whole, and what is wrong with the files as they are now.</summary>
internal sealed class ManifestSource(IReadOnlyList<string> paths, KindRegistry kinds)
{
    // What reading an empty file gives.
    private static readonly string OfNothing = Convert.ToHexStringLower(SHA256.HashData([]));

    private readonly HashSet<string> _withContent = new(StringComparer.Ordinal);
    private string? _digest;

    /// <summary>The errors of the last reading; empty when the files are good.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; private set; } = [];

    /// <summary>
    /// Reads again. A new, whole set when there is one; null when nothing changed or the files are broken, in
    /// which case the set before stays good. A file that had content and is empty now is being written, or was cut
    /// short by a full disk: believed, it would undeclare everything it declared. Who means that deletes the file.
    /// </summary>
    public ResourceSet? Read(out bool changed)
    {
        var result = Manifests.Load(paths, kinds, new ManifestOptions { Variables = Environment.GetEnvironmentVariable });
        changed = result.Digest != _digest;
        if (!changed)
            return null;
        _digest = result.Digest;
        Errors = [.. result.Diagnostics.Items.Where(static d => d.Severity == Severity.Error), .. Emptied(result)];
        if (Errors.Count > 0)
            return null;
        _withContent.Clear();
        _withContent.UnionWith(result.Files.Where(static f => f.Sha256 != OfNothing).Select(static f => f.Path));
        return result.Set;
    }

    private IEnumerable<Diagnostic> Emptied(ManifestResult result)
    {
        var bag = new DiagnosticBag();
        foreach (var file in result.Files.Where(f => f.Sha256 == OfNothing && _withContent.Contains(f.Path)))
            bag.Error(DiagnosticCodes.NoManifests, "the file is empty now: the agent keeps what it declared before", new SourceSpan(file.Path, 0, 0, 0, 0));
        return bag.Items;
    }
}
