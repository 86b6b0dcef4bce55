
namespace Provision.Spec;

/// <summary>
/// Files that manifests name and that become a part of what they declare. Each is read once; its text stands beside
/// those of the manifests for caret lines, and its digest in theirs.
/// </summary>
public sealed class Embedding
{
    private readonly ManifestOptions _options;
    private readonly Dictionary<(string Manifest, string Name), SourceText?> _read = [];
    private readonly List<SourceText> _sources = [];
    private readonly List<ManifestFile> _files = [];

    internal Embedding(ManifestOptions options, DiagnosticBag bag) => (_options, Bag) = (options, bag);

    public DiagnosticBag Bag { get; }

    internal IEnumerable<SourceText> Sources => _sources;

    internal IEnumerable<ManifestFile> Files => _files;

    /// <summary>The text of a file beside a manifest; null after an error that is in the bag.</summary>
    /// <param name="name">Relative to the manifest's own directory; the working directory for standard input.</param>
    /// <param name="place">Where the manifest names it.</param>
    public SourceText? Read(string name, SourceSpan place)
    {
        if (_read.TryGetValue((place.File, name), out var known))
            return known;
        var directory = place.File == ManifestFiles.StandardInput ? "" : Path.GetDirectoryName(place.File) ?? "";
        var file = directory.Length == 0 ? name : Path.Join(directory, name);
        var (bytes, error) = _options.ReadBeside(directory.Length == 0 ? "." : directory, name, _options.Limits.EmbeddedBytes);
        SourceText? source = null;
        if (bytes is null)
        {
            Bag.Error(DiagnosticCodes.EmbeddedFile, $"the file {Shown.Text(name)} cannot be used: {error}", place, "it is looked for in the manifest's own directory and below it");
        }
        else
        {
            _files.Add(new ManifestFile(file, Sha256.Hex(bytes)));
            source = SourceDecoder.Decode(file, bytes, Bag);
            if (source is not null)
                _sources.Add(source);
        }

        _read.Add((place.File, name), source);
        return source;
    }
}
