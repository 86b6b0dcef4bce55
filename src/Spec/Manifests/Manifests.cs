using System.Collections.Immutable;
using System.Text;

namespace Provision.Spec;

/// <summary>Reads manifests: files to a validated, ordered set of resources, with everything that is wrong told at once.</summary>
public static class Manifests
{
    /// <summary>
    /// Reads files, directories (their *.yaml and *.yml files, recursively, sorted, hidden ones left out) and
    /// <c>-</c> (standard input). Never throws for what is in, or missing from, the paths.
    /// </summary>
    public static ManifestResult Load(IReadOnlyList<string> paths, KindRegistry kinds, ManifestOptions? options = null)
    {
        var bag = new DiagnosticBag();
        options ??= ManifestOptions.Default;
        var sources = new List<SourceText>();
        var files = ImmutableArray.CreateBuilder<ManifestFile>();
        foreach (var (name, bytes) in ManifestFiles.Read(paths, options, bag))
        {
            files.Add(new ManifestFile(name, Sha256.Hex(bytes)));
            if (SourceDecoder.Decode(name, bytes, bag) is { } source)
                sources.Add(source);
        }

        return Assemble(sources, files.ToImmutable(), kinds, options, bag);
    }

    /// <summary>Reads one text as if it were the file of that name.</summary>
    public static ManifestResult Parse(string file, string text, KindRegistry kinds, ManifestOptions? options = null)
    {
        var bag = new DiagnosticBag();
        var bytes = Encoding.UTF8.GetBytes(text);
        var read = new ManifestFile(file, Sha256.Hex(bytes));
        var source = SourceDecoder.Decode(file, bytes, bag);
        return Assemble(source is null ? [] : [source], [read], kinds, options ?? ManifestOptions.Default, bag);
    }

    private static ManifestResult Assemble(
        List<SourceText> sources, ImmutableArray<ManifestFile> files, KindRegistry kinds, ManifestOptions options, DiagnosticBag bag)
    {
        var variables = new Variables(options.Variables, bag);
        var binder = new DocumentBinder(kinds, variables, bag);
        var declared = new List<Declared>();
        foreach (var root in Documents(sources, options.Limits, bag))
            if (binder.Bind(root) is { } document)
                declared.Add(document);

        var embedding = new Embedding(options, bag);
        var unique = Unique(declared, bag).ConvertAll(d => d.Whole && d.Schema.Embed is { } embed ? d with { Resource = embed(d.Resource, embedding) } : d);
        var known = unique.Select(static d => d.Resource.Id).ToHashSet();
        DependencyOrder.CheckReferences(declared, known, kinds, bag);
        var set = new ResourceSet([.. DependencyOrder.Sort(unique, bag)]);
        foreach (var document in unique)
            if (document.Whole)
                document.Schema.Check?.Invoke(document.Resource, set, bag);
        var texts = new Dictionary<string, SourceText>(StringComparer.Ordinal);
        foreach (var source in sources.Concat(embedding.Sources))
            texts[source.File] = source;
        files = files.AddRange(embedding.Files);
        return new ManifestResult(set, Sorted(bag, files), texts, files, Digest(files, variables.Used));
    }

    // Parsing YAML is most of the work, and documents do not know of each other: many are read side by side.
    private static IEnumerable<YamlNode> Documents(List<SourceText> sources, ReadLimits limits, DiagnosticBag bag)
    {
        const int many = 64;
        var documents = sources.SelectMany(static s => DocumentSplitter.Split(s.Text).Select(d => (Source: s, d.Start, d.End))).ToArray();
        var read = new (YamlNode? Root, DiagnosticBag Bag)[documents.Length];
        if (documents.Length < many)
            for (var i = 0; i < documents.Length; i++)
                Read(i);
        else
            Parallel.For(0, documents.Length, Read);

        foreach (var diagnostic in read.SelectMany(static r => r.Bag.Items))
            bag.Add(diagnostic);
        return read.Select(static r => r.Root).OfType<YamlNode>();

        void Read(int i)
        {
            var own = new DiagnosticBag();
            var (source, start, end) = documents[i];
            read[i] = (YamlReader.Read(source, start, end, limits, own), own);
        }
    }

    private static List<Declared> Unique(List<Declared> declared, DiagnosticBag bag)
    {
        var first = new Dictionary<ResourceId, Declared>();
        foreach (var document in declared)
        {
            var resource = document.Resource;
            if (!first.TryAdd(resource.Id, document))
                bag.Error(
                    DiagnosticCodes.DuplicateResource,
                    $"{resource.Id} is declared twice; the first is at {first[resource.Id].Resource.Source.At("metadata.name")}",
                    resource.Source.At("metadata.name"));
        }

        return [.. declared.Where(d => ReferenceEquals(first[d.Resource.Id], d))];
    }

    // By place, as people read; the same finding twice (an alias used twice) is told once.
    private static DiagnosticBag Sorted(DiagnosticBag bag, ImmutableArray<ManifestFile> files)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in files)
            order.TryAdd(file.Path, order.Count);
        var sorted = new DiagnosticBag();
        foreach (var diagnostic in bag.Items.Distinct()
            .OrderBy(d => order.GetValueOrDefault(d.Span.File, -1))
            .ThenBy(static d => d.Span.Line)
            .ThenBy(static d => d.Span.Column))
            sorted.Add(diagnostic);
        return sorted;
    }

    private static string Digest(ImmutableArray<ManifestFile> files, IReadOnlyDictionary<string, string> variables)
    {
        var text = new StringBuilder();
        foreach (var file in files)
            text.Append("file ").Append(file.Sha256).Append('\n');
        foreach (var (name, value) in variables)
            text.Append("variable ").Append(name).Append(' ')
                .Append(Sha256.Hex(value)).Append('\n');
        return Sha256.Hex(text.ToString());
    }
}
