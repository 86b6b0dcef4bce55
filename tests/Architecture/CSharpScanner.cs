using System.Text;

namespace Provision.Architecture;

/// <summary>
/// Blanks comments, and if wanted the text of strings, so that a rule about code does not trip over prose.
/// Knows regular, verbatim, raw and interpolated strings with their holes; everything blanked keeps its line breaks.
/// </summary>
internal sealed class CSharpScanner
{
    private readonly string _text;
    private readonly bool _keepStrings;
    private readonly StringBuilder _out = new();
    private int _at;

    private CSharpScanner(string text, bool keepStrings) => (_text, _keepStrings) = (text, keepStrings);

    public static string Strip(string text, bool keepStrings)
    {
        var scanner = new CSharpScanner(text, keepStrings);
        scanner.Code(closingBraces: 0);
        return scanner._out.ToString();
    }

    // Code up to the end, or up to the run of braces that closes the hole it stands in.
    private void Code(int closingBraces)
    {
        var depth = 0;
        while (_at < _text.Length)
        {
            if (closingBraces > 0 && depth == 0 && Run('}') >= closingBraces)
                return;
            if (Here("//"))
                Blank(Until("\n"));
            else if (Here("/*"))
                Blank(Until("*/") + 2);
            else if (_text[_at] == '\'')
                Blank(CharacterLength());
            else if (StringStart() is { } start)
                String(start.Dollars, start.Verbatim);
            else
            {
                depth += _text[_at] is '{' or '(' ? 1 : _text[_at] is '}' or ')' ? -1 : 0;
                Keep(1);
            }
        }
    }

    // $ and @ in any order, then a quote.
    private (int Dollars, bool Verbatim)? StringStart()
    {
        var (at, dollars, verbatim) = (_at, 0, false);
        for (; at < _text.Length && _text[at] is '$' or '@'; at++)
            if (_text[at] == '$') dollars++;
            else verbatim = true;
        return at < _text.Length && _text[at] == '"' ? (dollars, verbatim) : null;
    }

    private void String(int dollars, bool verbatim)
    {
        Keep(dollars + (verbatim ? 1 : 0));
        var quotes = Run('"');
        var raw = quotes >= 3;
        if (!raw)
            quotes = 1;
        Keep(quotes);
        while (_at < _text.Length)
        {
            if (raw ? Run('"') >= quotes : _text[_at] == '"' && !(verbatim && Here("\"\"")))
            {
                Keep(quotes);
                return;
            }

            if (!raw && (!verbatim && _text[_at] == '\\' || verbatim && Here("\"\"")))
                Text(2);
            else if (!raw && dollars > 0 && Run('{') >= 2)
                Text(2);
            else if (dollars > 0 && Run('{') >= dollars)
            {
                Text(Run('{') - dollars);
                Keep(dollars);
                Code(dollars);
                Keep(dollars);
            }
            else
                Text(1);
        }
    }

    // 'x', '\n', '\u0041'; a lone quote (never in valid code) is one character.
    private int CharacterLength()
    {
        var end = _text.IndexOf('\'', _at + (_at + 1 < _text.Length && _text[_at + 1] == '\\' ? 3 : 2));
        return end < 0 ? 1 : end - _at + 1;
    }

    private bool Here(string token) => string.CompareOrdinal(_text, _at, token, 0, token.Length) == 0;

    private int Run(char c)
    {
        var end = _at;
        while (end < _text.Length && _text[end] == c)
            end++;
        return end - _at;
    }

    private int Until(string token)
    {
        var end = _text.IndexOf(token, _at, StringComparison.Ordinal);
        return (end < 0 ? _text.Length : end) - _at;
    }

    private void Text(int length)
    {
        if (_keepStrings)
            Keep(length);
        else
            Blank(length);
    }

    private void Keep(int length)
    {
        length = Math.Min(length, _text.Length - _at);
        _out.Append(_text, _at, length);
        _at += length;
    }

    private void Blank(int length)
    {
        for (var end = Math.Min(_at + length, _text.Length); _at < end; _at++)
            _out.Append(_text[_at] == '\n' ? '\n' : ' ');
    }
}
