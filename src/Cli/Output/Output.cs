namespace Provision.Cli;

/// <summary>
/// The only place that writes to the console. Data and what people asked to see go to standard output, everything
/// else to standard error.
/// </summary>
internal sealed class Output(Paint data, Paint messages, bool quiet, bool progress)
{
    private bool _progressShown;

    /// <summary>What the command was asked for, in a form for programs (or a text that is wanted as it is).</summary>
    public void Data(string text)
    {
        ClearProgress();
        data.Writer.Write(text);
        if (!text.EndsWith('\n'))
            data.Writer.Write('\n');
    }

    /// <summary>What the command was asked for, as bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        ClearProgress();
        if (data.Writer is not StreamWriter writer)
            throw new InvalidOperationException("standard output takes text alone");
        writer.Flush();
        writer.BaseStream.Write(bytes);
    }

    /// <summary>What the command was asked for, for people.</summary>
    public void Table(IEnumerable<Line> lines)
    {
        ClearProgress();
        foreach (var line in lines)
            data.Write(line);
    }

    /// <summary>A report for people that an exit code tells as well; <c>--quiet</c> leaves it out.</summary>
    public void Show(IEnumerable<Line> lines)
    {
        if (!quiet)
            Table(lines);
    }

    public void Show(Line line) => Show([line]);

    /// <summary>Something worth knowing; <c>--quiet</c> leaves it out.</summary>
    public void Say(Line line)
    {
        if (!quiet)
            Message(line);
    }

    public void Warn(string text) => Message(new Line("warning: ", Tint.Warning).Add(text));

    public void Error(string text, string? hint = null)
    {
        Message(new Line("error: ", Tint.Error).Add(text));
        if (hint is not null)
            Message(new Line("  hint: ", Tint.Dim).Add(hint));
    }

    public void Message(Line line)
    {
        ClearProgress();
        // Both streams may be one terminal: keep the order.
        data.Writer.Flush();
        messages.Write(line);
        messages.Writer.Flush();
    }

    /// <summary>A line that the next one overwrites; only where standard error is a terminal.</summary>
    public void Progress(string text)
    {
        if (!progress || quiet)
            return;
        messages.Writer.Write($"\r\x1b[K{text}");
        messages.Writer.Flush();
        _progressShown = true;
    }

    /// <summary>Asks on standard error; the answer is read by the caller.</summary>
    public void Ask(string question)
    {
        ClearProgress();
        data.Writer.Flush();
        messages.Writer.Write(question);
        messages.Writer.Flush();
    }

    public void Flush()
    {
        ClearProgress();
        data.Writer.Flush();
        messages.Writer.Flush();
    }

    private void ClearProgress()
    {
        if (!_progressShown)
            return;
        messages.Writer.Write("\r\x1b[K");
        _progressShown = false;
    }
}
