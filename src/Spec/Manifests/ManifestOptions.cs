namespace Provision.Spec;

/// <summary>What a run reads manifests with.</summary>
public sealed record ManifestOptions
{
    public static readonly ManifestOptions Default = new();

    /// <summary>The value of a variable; null when there is none. The engine itself reads no environment.</summary>
    public Func<string, string?> Variables { get; init; } = static _ => null;

    /// <summary>What the path <c>-</c> reads; null where there is no standard input.</summary>
    public Stream? Input { get; init; }

    /// <summary>
    /// A file that a manifest names: the manifest's directory, the name, and how many bytes are read at most. The bytes,
    /// or why there are none. The engine itself opens nothing but manifests.
    /// </summary>
    public Func<string, string, int, (byte[]? Bytes, string? Error)> ReadBeside { get; init; } = static (_, _, _) => (null, "files beside manifests are not read here");

    public ReadLimits Limits { get; init; } = ReadLimits.Default;
}
