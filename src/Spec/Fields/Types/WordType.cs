using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>One of a closed set of words, in the case in which they are declared.</summary>
internal sealed class WordType(ImmutableArray<string> words) : ScalarType
{
    public override string Name => "word";

    public override string Expected => Shown.OneOf(words);

    public override ImmutableArray<string> Words => words;

    public override bool TryParse(
        string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = words.Contains(text)
            ? (new TextValue(text), (string?)null)
            : (null, $"{Shown.Text(text)} is not one of {string.Join(", ", words)}");
        return value is not null;
    }
}
