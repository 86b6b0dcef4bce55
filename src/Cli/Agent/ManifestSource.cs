using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>The manifests of an agent: the last set that was whole, and what is wrong with the files as they are now.</summary>
internal sealed class ManifestSource(IReadOnlyList<string> paths, KindRegistry kinds)
{
    private string? _digest;

    /// <summary>The errors of the last reading; empty when the files are good.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; private set; } = [];

    /// <summary>
    /// Reads again. A new, whole set when there is one; null when nothing changed or the files are broken, in
    /// which case the set before stays good.
    /// </summary>
    public ResourceSet? Read(out bool changed)
    {
        var result = Manifests.Load(paths, kinds, new ManifestOptions { Variables = Environment.GetEnvironmentVariable });
        changed = result.Digest != _digest;
        if (!changed)
            return null;
        _digest = result.Digest;
        Errors = [.. result.Diagnostics.Items.Where(static d => d.Severity == Severity.Error)];
        return result.HasErrors ? null : result.Set;
    }
}
