using System.Text;

namespace Provision.Spec;

/// <summary>
/// Variables in scalars: <c>${NAME}</c>, <c>${NAME:=default}</c> (the default ends at the first brace), and
/// <c>$$</c> for a dollar sign. A dollar sign before anything else stands for itself.
/// </summary>
internal sealed class Variables(Func<string, string?> lookup, DiagnosticBag bag)
{
    private readonly SortedDictionary<string, string> _used = new(StringComparer.Ordinal);

    /// <summary>Every variable that was found, with its value.</summary>
    public IReadOnlyDictionary<string, string> Used => _used;

    /// <summary>The text with its variables replaced; null after an error that is in the bag.</summary>
    public string? Replace(YamlScalar scalar)
    {
        var text = scalar.Text;
        if (!text.Contains('$'))
            return text;
        var replaced = new StringBuilder();
        var whole = true;
        var place = new Places(scalar);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length || text[i + 1] is not ('$' or '{'))
            {
                replaced.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                replaced.Append('$');
                if (i + 2 < text.Length && text[i + 2] == '{')
                    place.Next("${");
                i++;
                continue;
            }

            var close = text.IndexOf('}', i);
            var reference = close < 0 ? text[i..] : text[i..(close + 1)];
            if (Value(reference, place.Next(reference)) is { } value)
                replaced.Append(value);
            else
                whole = false;
            i += reference.Length - 1;
        }

        return whole ? replaced.ToString() : null;
    }

    /// <summary>Text that reads as the given text after replacement.</summary>
    public static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private string? Value(string reference, SourceSpan span)
    {
        var inside = reference.EndsWith('}') ? reference[2..^1] : reference[2..];
        var assign = inside.IndexOf(":=", StringComparison.Ordinal);
        var name = assign < 0 ? inside : inside[..assign];
        if (!reference.EndsWith('}') || !IsName(name) || inside.Contains("${", StringComparison.Ordinal))
        {
            bag.Error(
                DiagnosticCodes.MalformedVariable,
                $"{Shown.Text(reference)} is not a variable",
                span,
                "write ${NAME} or ${NAME:=default}, and $$ for a dollar sign");
            return null;
        }

        if (lookup(name) is { } value)
        {
            _used[name] = value;
            return value;
        }

        if (assign >= 0)
            return inside[(assign + 2)..];
        bag.Error(
            DiagnosticCodes.UndefinedVariable,
            $"the variable {name} is not set",
            span,
            $"set it, or give a default: ${{{name}:=value}}");
        return null;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    // Quotes, escapes and folding move things about: the n-th "${" of the value is the n-th of the source, unless
    // an escape wrote one, and then the whole scalar is shown.
    private struct Places(YamlScalar scalar)
    {
        private int _at = scalar.Start - 1;

        /// <summary>Where the next "${" stands, which begins the given text.</summary>
        public SourceSpan Next(string reference)
        {
            var source = scalar.Source.Text;
            if (_at < scalar.End)
                _at = source.IndexOf("${", _at + 1, scalar.End - _at - 1, StringComparison.Ordinal);
            if (_at < 0)
                _at = scalar.End;
            return string.CompareOrdinal(source, _at, reference, 0, reference.Length) == 0
                ? scalar.Source.Span(_at, _at + reference.Length)
                : scalar.Span;
        }
    }
}
