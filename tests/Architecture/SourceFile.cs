namespace Provision.Architecture;

/// <summary>A C# file in the views that rules look at; line numbers are the file's own.</summary>
/// <param name="Path">From the repository's top: <c>src/Spec/Fields/Field.cs</c>.</param>
/// <param name="Code">Without comments and without the text of strings (the holes of interpolated ones stay).</param>
/// <param name="Strings">Without comments, strings as written.</param>
internal sealed record SourceFile(string Path, string Code, string Strings)
{
    public static SourceFile Read(string path) => Parse(path, Repository.Text(path));

    public static SourceFile Parse(string path, string text) =>
        new(path, CSharpScanner.Strip(text, keepStrings: false), CSharpScanner.Strip(text, keepStrings: true));

    public bool In(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public static int LineAt(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;
}
