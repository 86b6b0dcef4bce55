using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Provision.Spec;

/// <summary>Free text, taken as it is written: <c>80</c>, <c>no</c> and <c>0755</c> stay what they are.</summary>
internal sealed class TextType : ScalarType
{
    private readonly string? _expected;
    private readonly int _maxLength;
    private readonly Func<string, string?>? _check;
    private readonly Lazy<Regex>? _regex;

    public TextType(string? pattern, string? expected, int maxLength, Func<string, string?>? check)
    {
        Pattern = pattern;
        _expected = expected;
        _maxLength = maxLength;
        _check = check;
        if (pattern is null)
            return;

        // In .NET a final $ also matches before a last line feed; in JSON Schema it does not.
        var exact = pattern.EndsWith('$') ? pattern + @"(?!\n)" : pattern;
        _regex = new Lazy<Regex>(() => new Regex(exact, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)));
    }

    public override string Name => "string";

    public override string Expected => _expected ?? "text";

    public override string? Pattern { get; }

    public override ImmutableArray<string> JsonTypes => ["string", "integer", "number", "boolean"];

    public override bool TryParse(
        string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        error = Wrong(text);
        value = error is null ? new TextValue(text) : null;
        return value is not null;
    }

    private string? Wrong(string text)
    {
        if (text.Length > _maxLength)
            return $"{Shown.Text(text)} has {text.Length} characters; at most {_maxLength} are allowed";
        if (text.Contains('\0'))
            return "the kernel's strings end at a NUL character, so none may be inside";
        if (_regex is not null && !_regex.Value.IsMatch(text))
            return $"{Shown.Text(text)} is not {Expected}";
        return _check?.Invoke(text);
    }
}
