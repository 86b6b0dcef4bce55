using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>A type whose canonical form is text, given by one function from source text to canonical text.</summary>
/// <param name="name">For people: <c>MAC address</c>.</param>
/// <param name="expected">What may be written, with examples.</param>
/// <param name="pattern">JSON Schema pattern that covers all that <paramref name="normalize"/> accepts.</param>
/// <param name="normalize">Canonical text, or null and an error.</param>
internal sealed class PatternType(
    string name, string expected, string? pattern, Func<string, (string? Canonical, string? Error)> normalize) : ScalarType
{
    public override string Name => name;

    public override string Expected => expected;

    public override string? Pattern => pattern;

    public override ImmutableArray<string> JsonTypes => PlainNumbers ? ["string", "integer"] : ["string"];

    public override string? ReferencedKind => Referenced;

    /// <summary>Some values are plain numbers to YAML (<c>15</c>, <c>12:30:00:00:00:01</c> in YAML 1.1).</summary>
    public bool PlainNumbers { get; init; }

    public string? Referenced { get; init; }

    /// <summary>Whether a text has the right form, bounds left aside; null where there are no bounds.</summary>
    public Func<string, bool>? WellFormed { get; init; }

    internal override bool IsOnlyOutOfRange(string text) => WellFormed is not null && WellFormed(text);

    public override bool TryParse(
        string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        (var canonical, var wrong) = normalize(text);
        value = canonical is null ? null : new TextValue(canonical);
        error = canonical is null ? wrong ?? $"{Shown.Text(text)} is not {expected}" : null;
        return value is not null;
    }
}
