namespace Provision.Spec;

/// <summary>A node of a YAML document with its place in the text. Aliases are the node that they name.</summary>
internal abstract class YamlNode(SourceText source, int start, int end)
{
    public int Start { get; } = start;

    public int End { get; } = end;

    public SourceText Source { get; } = source;

    public SourceSpan Span => Source.Span(Start, End);

    /// <summary>Nodes in this tree, this one included, with aliases expanded.</summary>
    public int Size { get; init; } = 1;

    /// <summary>Levels of lists and mappings in this tree; 0 for a scalar.</summary>
    public int Height { get; init; }

    /// <summary>What people call it.</summary>
    public abstract string Name { get; }
}

internal sealed class YamlScalar(SourceText source, int start, int end, string text, bool plain)
    : YamlNode(source, start, end)
{
    /// <summary>The text after YAML's quotes, escapes and folding, before variables.</summary>
    public string Text { get; } = text;

    /// <summary>Written without quotes and not as a block.</summary>
    public bool Plain { get; } = plain;

    /// <summary>What YAML reads as "no value": nothing, <c>~</c> or <c>null</c>, unquoted.</summary>
    public bool IsNull => Plain && (Text is "" or "~" or "null" or "Null" or "NULL");

    public override string Name => IsNull ? "nothing" : $"the value {Shown.Text(Text)}";
}

internal sealed class YamlSequence(SourceText source, int start, int end, List<YamlNode> items)
    : YamlNode(source, start, end)
{
    public List<YamlNode> Items { get; } = items;

    public override string Name => "a list";
}

/// <summary>A mapping; each key occurs once (a second one was reported and dropped).</summary>
internal sealed class YamlMapping(SourceText source, int start, int end, List<(YamlScalar Key, YamlNode Value)> entries)
    : YamlNode(source, start, end)
{
    public List<(YamlScalar Key, YamlNode Value)> Entries { get; } = entries;

    public YamlNode? Find(string key) => Entries.Find(e => e.Key.Text == key).Value;

    public override string Name => "a mapping";
}
