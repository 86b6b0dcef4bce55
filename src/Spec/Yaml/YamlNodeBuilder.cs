using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Provision.Spec;

/// <summary>Builds nodes from the events of one document, and stops at the limits before they cost anything.</summary>
/// <param name="offset">Index in the text at which the document starts; the parser counts from there.</param>
internal sealed class YamlNodeBuilder(IParser parser, SourceText source, int offset, ReadLimits limits, DiagnosticBag bag)
{
    private int _last;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<int> _brackets = new();
    private int _nodes;
    private int _aliased;

    /// <summary>Index in the text of the last event, for errors that come without a place.</summary>
    public int LastIndex => offset + _last;

    /// <summary>Index of the innermost bracket or brace that is open.</summary>
    public int? OpenBracket => _brackets.TryPeek(out var open) ? open : null;

    /// <summary>Null for an empty document, and after an error that was told.</summary>
    public YamlNode? Document()
    {
        while (Next() is { } happening)
        {
            if (happening is StreamStart or DocumentStart)
                continue;
            if (happening is StreamEnd or DocumentEnd)
                return null;
            if (Node(happening, 1) is not { } root)
                return null;
            Next(); // the document's end: where text after the root is complained about
            return root is YamlScalar { IsNull: true } ? null : root;
        }

        return null;
    }

    private ParsingEvent? Next()
    {
        if (!parser.MoveNext() || parser.Current is not { } happening)
            return null;
        _last = (int)happening.Start.Index;
        return happening;
    }

    // Null means that the document is given up; the reason is in the bag.
    private YamlNode? Node(ParsingEvent happening, int depth)
    {
        if (happening is AnchorAlias alias)
            return Alias(alias, depth);
        if (happening is not NodeEvent started) // the library gives some broken mappings a key and no value
            return GiveUp(DiagnosticCodes.YamlSyntax, "a key has no value here", happening);
        if (++_nodes > limits.Nodes)
            return GiveUp(DiagnosticCodes.DocumentTooLarge, $"the document has more than {limits.Nodes} nodes", happening);
        if (happening is not Scalar && depth > limits.Depth)
            return GiveUp(DiagnosticCodes.TooDeep, $"nested deeper than {limits.Depth} levels", happening);

        if (!started.Tag.IsEmpty)
            bag.Error(
                DiagnosticCodes.Tag,
                "YAML tags are not used in manifests",
                Span(happening),
                "take the tag away: a field's type says how its text is read");

        var anchor = started.Anchor.IsEmpty ? null : started.Anchor.Value;
        if (anchor is not null)
            _anchors[anchor] = null; // not complete: an alias to it from inside would be recursive
        YamlNode? node = happening switch
        {
            SequenceStart list => Sequence(list, depth),
            MappingStart mapping => Mapping(mapping, depth),
            Scalar s => new YamlScalar(source, Start(s), End(s), s.Value, s.Style == ScalarStyle.Plain),
            _ => null,
        };
        if (anchor is not null)
            _anchors[anchor] = node;
        return node;
    }

    private YamlSequence? Sequence(SequenceStart started, int depth)
    {
        Open(started, started.Style == SequenceStyle.Flow);
        var items = new List<YamlNode>();
        while (Next() is { } happening and not SequenceEnd)
        {
            if (Node(happening, depth + 1) is not { } item)
                return null;
            items.Add(item);
        }

        return new YamlSequence(source, Start(started), Close(started.Style == SequenceStyle.Flow, items.LastOrDefault()), items)
        {
            Size = 1 + items.Sum(static i => i.Size),
            Height = 1 + items.Select(static i => i.Height).DefaultIfEmpty().Max(),
        };
    }

    private YamlMapping? Mapping(MappingStart started, int depth)
    {
        Open(started, started.Style == MappingStyle.Flow);
        var entries = new List<(YamlScalar Key, YamlNode Value)>();
        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        while (Next() is { } happening and not MappingEnd)
        {
            if (Node(happening, depth + 1) is not { } key || Next() is not { } following
                || Node(following, depth + 1) is not { } value)
                return null;
            if (key is not YamlScalar name || happening is AnchorAlias)
                bag.Error(DiagnosticCodes.KeyNotScalar, "a key must be a plain name", key.Span);
            else if (!seen.TryAdd(name.Text, name))
                bag.Error(
                    DiagnosticCodes.DuplicateKey,
                    $"{name.Text} is written twice; the first is at line {seen[name.Text].Span.Line}",
                    name.Span);
            else
                entries.Add((name, value));
        }

        var last = entries.Count == 0 ? null : entries[^1].Value;
        return new YamlMapping(source, Start(started), Close(started.Style == MappingStyle.Flow, last), entries)
        {
            Size = 1 + entries.Sum(static e => 1 + e.Value.Size),
            Height = 1 + entries.Select(static e => e.Value.Height).DefaultIfEmpty().Max(),
        };
    }

    private YamlNode? Alias(AnchorAlias alias, int depth)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var target))
            return GiveUp(DiagnosticCodes.UnknownAlias, $"there is no anchor &{name} above this alias", alias);
        if (target is null)
            return GiveUp(DiagnosticCodes.RecursiveAlias, $"the alias *{name} stands inside what &{name} names", alias);
        if (depth + target.Height > limits.Depth + 1)
            return GiveUp(DiagnosticCodes.TooDeep, $"nested deeper than {limits.Depth} levels by the alias *{name}", alias);
        _aliased += target.Size;
        return _aliased > limits.AliasedNodes
            ? GiveUp(DiagnosticCodes.AliasExpansion, $"aliases stand for more than {limits.AliasedNodes} nodes", alias)
            : target;
    }

    private YamlNode? GiveUp(string code, string message, ParsingEvent at)
    {
        bag.Error(code, message, Span(at));
        return null;
    }

    private void Open(ParsingEvent started, bool flow)
    {
        if (flow)
            _brackets.Push(source.Text.AsSpan(Start(started)).IndexOfAny('[', '{') + Start(started));
    }

    // A flow collection ends behind its bracket; a block ends where its last child does, not at the next token.
    private int Close(bool flow, YamlNode? last)
    {
        if (flow)
        {
            _brackets.Pop();
            return Math.Min(LastIndex + 1, source.Text.Length);
        }

        return last is null || last.Start > LastIndex ? LastIndex : Math.Max(last.End, last.Start);
    }

    private SourceSpan Span(ParsingEvent happening) =>
        source.Span(Start(happening), Math.Max(End(happening), Start(happening) + 1));

    private int Start(ParsingEvent happening) => offset + (int)happening.Start.Index;

    private int End(ParsingEvent happening) => offset + (int)happening.End.Index;
}
