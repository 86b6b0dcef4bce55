using Provision.Spec;

namespace Provision.Cli;

/// <summary>Diagnostics with the line they are about and carets under it, on standard error.</summary>
internal static class DiagnosticView
{
    private static readonly Dictionary<string, SourceText> NoSources = [];

    public static void Tell(Output output, Diagnostic diagnostic, IReadOnlyDictionary<string, SourceText>? sources)
    {
        var rendered = DiagnosticRenderer.Render(diagnostic, sources ?? NoSources);
        var tint = diagnostic.Severity == Severity.Error ? Tint.Error : Tint.Warning;
        var word = diagnostic.Severity == Severity.Error ? "error" : "warning";
        var at = rendered.Header.IndexOf($"{word} {diagnostic.Code}", StringComparison.Ordinal);
        output.Message(new Line(rendered.Header[..at]).Add(word, tint).Add(rendered.Header[(at + word.Length)..], Tint.Bold));
        if (rendered.Line is not null)
            output.Message("  " + rendered.Line);
        if (rendered.Caret is not null)
            output.Message(new Line("  ").Add(rendered.Caret, tint));
        if (rendered.Hint is not null)
            output.Message(new Line("  hint: ", Tint.Dim).Add(rendered.Hint));
    }

    /// <summary><c>2 errors, 1 warning</c>.</summary>
    public static string Count(IReadOnlyCollection<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Count(static d => d.Severity == Severity.Error);
        var warnings = diagnostics.Count - errors;
        var text = Words.Count(errors, "error");
        return warnings == 0 ? text : $"{text}, {Words.Count(warnings, "warning")}";
    }
}
