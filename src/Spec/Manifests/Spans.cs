namespace Provision.Spec;

/// <summary>Collects where the fields of a resource stand, by path.</summary>
internal sealed class Spans
{
    private readonly Dictionary<string, SourceSpan> _byPath = new(StringComparer.Ordinal);

    public void Add(string path, YamlNode node) => _byPath.TryAdd(path, node.Span);

    /// <summary>Takes over what was collected under <paramref name="from"/> as lying under <paramref name="to"/>.</summary>
    public void AddBelow(string to, Spans inner, string from)
    {
        foreach (var (path, span) in inner._byPath)
            _byPath.TryAdd(to + path[from.Length..], span);
    }

    public SourceMap ToMap() => new(_byPath);
}
