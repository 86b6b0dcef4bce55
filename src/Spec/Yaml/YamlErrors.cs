using YamlDotNet.Core;

namespace Provision.Spec;

/// <summary>Turns the YAML library's complaints into diagnostics at the place that people must look at.</summary>
internal static class YamlErrors
{
    /// <param name="broken">Null where the library gave up without saying why.</param>
    /// <param name="document">Index in the text at which the document starts; the library counts from there.</param>
    public static void Report(
        YamlException? broken, SourceText source, int document, YamlNodeBuilder builder, DiagnosticBag bag)
    {
        var start = broken is null ? builder.LastIndex : document + (int)broken.Start.Index;
        var end = broken is null ? start : document + (int)broken.End.Index;
        var message = broken is null ? "this is not YAML" : Lower(broken.Message);
        var hint = builder.OpenBracket is not null && start > 0 && source.Text[start - 1] == '$'
            ? "between brackets or braces, put a value with ${…} in quotes"
            : builder.OpenBracket is { } open
            ? $"the {source.Text[open]} at line {source.Span(open, open).Line}, column {source.Span(open, open).Column} is not closed"
            : Hint(message);
        if (message.Contains("tab as indentation", StringComparison.Ordinal)
            && FindIndentingTab(source.Text, start) is { } tab)
            (start, end) = (tab, tab + 1);
        if (start >= source.Text.Length)
            start = Math.Max(0, source.Text.TrimEnd().Length - 1);
        bag.Error(DiagnosticCodes.YamlSyntax, message, source.Span(start, Math.Max(end, start + 1)), hint);
    }

    private static string Lower(string message)
    {
        message = message.TrimEnd('.');
        return message.Length == 0 ? "this is not YAML" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static string? Hint(string message) => message switch
    {
        _ when message.Contains("invalid mapping", StringComparison.Ordinal) => "put a value that contains \": \" in quotes, or look at the indentation",
        _ when message.Contains("tab", StringComparison.Ordinal) => "YAML is indented with spaces",
        _ when message.Contains("simple key", StringComparison.Ordinal) => "a key is followed by a colon and a space",
        _ when message.Contains("cannot start any token", StringComparison.Ordinal) => "put the value in quotes",
        _ => null,
    };

    private static int? FindIndentingTab(string text, int from)
    {
        var indenting = true;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\t' && indenting)
                return i;
            indenting = text[i] is '\n' or '\r' || (indenting && text[i] == ' ');
        }

        return null;
    }
}
