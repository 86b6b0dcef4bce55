using Provision.Spec;

namespace Provision.Cli.Oci;

/// <summary>A mistake of the command line or the bundle; the message is all there is to tell.</summary>
internal sealed class OciException(string message, int code = 1) : Exception(message)
{
    public int Code => code;
}

/// <summary>Options and words of a part of the command line, as other runtimes take them: <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>.</summary>
internal sealed class OciWords
{
    private readonly Dictionary<string, List<string>> _options = new(StringComparer.Ordinal);

    /// <summary>What is not an option.</summary>
    public List<string> Words { get; } = [];

    /// <summary>What comes after the first word, when that ends the options.</summary>
    public List<string> Rest { get; } = [];

    /// <param name="options">Names without dashes, those that take a value ending in <c>=</c>; a letter after <c>|</c> is short for it.</param>
    /// <param name="firstEnds">The first word ends the options: what follows goes to <see cref="Rest"/>.</param>
    public static OciWords Parse(IReadOnlyList<string> arguments, string command, bool firstEnds, params IReadOnlyList<string> options)
    {
        var parsed = new OciWords();
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word == "--" || !word.StartsWith('-') || word == "-")
            {
                var from = word == "--" ? i + 1 : i;
                if (word == "--" && !firstEnds)
                {
                    parsed.Words.AddRange(arguments.Skip(from));
                    return parsed;
                }

                if (from < arguments.Count)
                    parsed.Words.Add(arguments[from]);
                if (!firstEnds)
                    continue;
                parsed.Rest.AddRange(arguments.Skip(from + 1));
                if (parsed.Rest is ["--", ..])
                    parsed.Rest.RemoveAt(0);
                return parsed;
            }

            var (name, value) = word.Split('=', 2) is [var before, var after] ? (before, after) : (word, null);
            name = name.TrimStart('-');
            var option = options.FirstOrDefault(o => o.Split('|').Any(n => n.TrimEnd('=') == name))
                ?? throw new OciException($"{command}: there is no option {word.Split('=', 2)[0]}{Near(name, options)}");
            var takes = option.Contains('=');
            if (takes && value is null)
                value = ++i < arguments.Count ? arguments[i] : throw new OciException($"{command}: {word} needs a value");
            parsed.Add(option.Split('|')[0].TrimEnd('='), value ?? "true");
        }

        return parsed;
    }

    public bool Has(string name) => _options.TryGetValue(name, out var values) && values[^1] is not "false";

    /// <summary>Null when it was not given.</summary>
    public string? Value(string name) => _options.TryGetValue(name, out var values) ? values[^1] : null;

    public IReadOnlyList<string> Values(string name) => _options.TryGetValue(name, out var values) ? values : [];

    /// <summary>A number, 0 when it was not given.</summary>
    public int Number(string name) => Value(name) is not { } text ? 0
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number < 1024
            ? number : throw new OciException($"--{name} {text}: must be a number below 1024");

    private void Add(string name, string value)
    {
        if (!_options.TryGetValue(name, out var values))
            _options[name] = values = [];
        values.Add(value);
    }

    private static string Near(string name, IReadOnlyList<string> options) =>
        Suggestion.Nearest(name, options.SelectMany(static o => o.Split('|')).Select(static o => o.TrimEnd('=')).Where(static o => o.Length > 1)) is { } near
            ? $"; did you mean --{near}?" : "";
}
