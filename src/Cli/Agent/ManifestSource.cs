using Provision.Kernel;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>The manifests of an agent: the last set that was whole, and what is wrong with the files as they are now.</summary>
internal sealed class ManifestSource(IReadOnlyList<string> paths, KindRegistry kinds)
{
    // What reading an empty file gives.
    private static readonly string OfNothing = Sha256.Hex([]);

    private readonly HashSet<string> _withContent = new(StringComparer.Ordinal);
    private bool _declaresSomething;
    private string? _digest;

    /// <summary>The errors of the last reading; empty when the files are good.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; private set; } = [];

    /// <summary>Files that the manifests named when they were read last.</summary>
    public IReadOnlyList<string> Named { get; private set; } = [];

    /// <summary>
    /// Reads again. A new, whole set when there is one; null when nothing changed or the files are broken, in
    /// which case the set before stays good. A file that had content and is empty now is being written, or was cut
    /// short by a full disk: believed, it would undeclare everything it declared. Who means that deletes the file.
    /// Neither is a set believed in which nothing is left: a directory on its way to being replaced is empty first.
    /// </summary>
    public ResourceSet? Read(out bool changed)
    {
        var result = Manifests.Load(paths, kinds, new ManifestOptions { Variables = Environment.GetEnvironmentVariable, ReadBeside = BesideFile.Read });
        Named = [.. result.Files.Select(static f => f.Path).Where(static f => Path.GetExtension(f) is not (".yaml" or ".yml"))];
        changed = result.Digest != _digest;
        if (!changed)
            return null;
        _digest = result.Digest;
        Errors = [.. result.Diagnostics.Items.Where(static d => d.Severity == Severity.Error), .. Emptied(result)];
        if (Errors.Count > 0)
            return null;
        _declaresSomething = !result.Set.Ordered.IsEmpty;
        _withContent.Clear();
        _withContent.UnionWith(result.Files.Where(static f => f.Sha256 != OfNothing).Select(static f => f.Path));
        return result.Set;
    }

    private IEnumerable<Diagnostic> Emptied(ManifestResult result)
    {
        var bag = new DiagnosticBag();
        foreach (var file in result.Files.Where(f => f.Sha256 == OfNothing && _withContent.Contains(f.Path)))
            bag.Error(DiagnosticCodes.NoManifests, "the file is empty now: the agent keeps what it declared before", new SourceSpan(file.Path, 0, 0, 0, 0));
        if (_declaresSomething && result.Set.Ordered.IsEmpty && !result.HasErrors && bag.Items.Count == 0)
            bag.Error(DiagnosticCodes.NoManifests, "nothing is declared any more: the agent keeps what was declared before", new SourceSpan(paths[0], 0, 0, 0, 0));
        return bag.Items;
    }
}
