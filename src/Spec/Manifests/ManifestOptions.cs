namespace Provision.Spec;

/// <summary>What a run reads manifests with.</summary>
public sealed record ManifestOptions
{
    public static readonly ManifestOptions Default = new();

    /// <summary>The value of a variable; null when there is none. The engine itself reads no environment.</summary>
    public Func<string, string?> Variables { get; init; } = static _ => null;

    /// <summary>What the path <c>-</c> reads; null where there is no standard input.</summary>
    public Stream? Input { get; init; }

    public ReadLimits Limits { get; init; } = ReadLimits.Default;
}
