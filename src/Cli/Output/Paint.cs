using Spectre.Console;

namespace Provision.Cli;

/// <summary>Lines onto one stream, with colours where a terminal can show them.</summary>
internal sealed class Paint(TextWriter writer, bool colour)
{
    private IAnsiConsole? _console;

    public TextWriter Writer => writer;

    public void Write(Line line)
    {
        if (!colour)
        {
            writer.Write(line.ToString());
            writer.Write('\n');
            return;
        }

        var paragraph = new Paragraph();
        foreach (var (text, tint) in line.Pieces)
            paragraph.Append(text, tint.Style());
        _console ??= Open();
        _console.Write(paragraph);
        writer.Write('\n');
    }

    private IAnsiConsole Open() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = ColorSystemSupport.Standard,
        Interactive = InteractionSupport.No,
        Out = new Unbounded(writer),
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
    });

    /// <summary>A terminal wraps long lines itself, and so that they can be copied whole.</summary>
    private sealed class Unbounded(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => 1 << 20;

        public int Height => 25;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
