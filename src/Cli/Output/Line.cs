namespace Provision.Cli;

/// <summary>One line of text in pieces, each with its meaning.</summary>
internal sealed class Line
{
    private readonly List<(string Text, Tint Tint)> _pieces = [];

    public Line(string text = "", Tint tint = Tint.None) => Add(text, tint);

    public IReadOnlyList<(string Text, Tint Tint)> Pieces => _pieces;

    public int Width => _pieces.Sum(static p => p.Text.Length);

    public Line Add(string text, Tint tint = Tint.None)
    {
        if (text.Length > 0)
            _pieces.Add((text, tint));
        return this;
    }

    /// <summary>Spaces up to the column, at least one.</summary>
    public Line To(int column) => Add(new string(' ', Math.Max(1, column - Width)));

    public static implicit operator Line(string text) => new(text);

    /// <summary>Without colour and without spaces at the end.</summary>
    public override string ToString() => string.Concat(_pieces.Select(static p => p.Text)).TrimEnd(' ');
}
