namespace Provision.Spec;

/// <summary>How much a manifest may ask of the reader. Each limit is far above what people write.</summary>
public sealed record ReadLimits
{
    public static readonly ReadLimits Default = new();

    /// <summary>Bytes of one file.</summary>
    public int FileBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of a file that a manifest names.</summary>
    public int EmbeddedBytes { get; init; } = 1 << 20;

    /// <summary>Characters of one document.</summary>
    public int DocumentCharacters { get; init; } = 1 << 20;

    /// <summary>Lists and mappings inside each other.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Nodes of one document as written.</summary>
    public int Nodes { get; init; } = 100_000;

    /// <summary>Nodes that the aliases of one document stand for, all together.</summary>
    public int AliasedNodes { get; init; } = 10_000;
}
