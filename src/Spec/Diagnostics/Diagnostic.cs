namespace Provision.Spec;

/// <summary>A stretch of manifest text; lines and columns count from 1, the end is exclusive.</summary>
public readonly record struct SourceSpan(string File, int Line, int Column, int EndLine, int EndColumn)
{
    public static readonly SourceSpan None = new("", 0, 0, 0, 0);

    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>How grave a diagnostic is: an error stops before the first write, a warning is only told.</summary>
public enum Severity
{
    Error,
    Warning,
}

/// <summary>One finding about a manifest: a value, collected and never thrown.</summary>
/// <param name="Code">Stable code, PV0001 and up; every code has one meaning.</param>
/// <param name="Hint">"did you mean" or what to do; null where there is nothing to add.</param>
public sealed record Diagnostic(string Code, Severity Severity, string Message, SourceSpan Span, string? Hint = null);

/// <summary>Collects the diagnostics of a whole run, so that all errors of all files are told at once.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _items = [];

    public IReadOnlyList<Diagnostic> Items => _items;

    public bool HasErrors => _items.Exists(static d => d.Severity == Severity.Error);

    public void Add(Diagnostic diagnostic) => _items.Add(diagnostic);

    public void Error(string code, string message, SourceSpan span, string? hint = null) =>
        _items.Add(new Diagnostic(code, Severity.Error, message, span, hint));

    public void Warn(string code, string message, SourceSpan span, string? hint = null) =>
        _items.Add(new Diagnostic(code, Severity.Warning, message, span, hint));
}
