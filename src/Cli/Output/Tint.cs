using Spectre.Console;

namespace Provision.Cli;

/// <summary>What a piece of text means; the colour follows from it.</summary>
internal enum Tint
{
    None,
    Bold,
    Dim,
    Create,
    Update,
    Replace,
    Delete,
    Good,
    Warning,
    Error,
}

internal static class Tints
{
    // The terminal's own palette, so that a light or dark theme keeps working.
    public static Style Style(this Tint tint) => tint switch
    {
        Tint.Bold => new Style(decoration: Decoration.Bold),
        Tint.Dim => new Style(decoration: Decoration.Dim),
        Tint.Create or Tint.Good => new Style(Color.Green),
        Tint.Update or Tint.Warning => new Style(Color.Olive),
        Tint.Replace => new Style(Color.Purple),
        Tint.Delete => new Style(Color.Maroon),
        Tint.Error => new Style(Color.Maroon, decoration: Decoration.Bold),
        _ => Spectre.Console.Style.Plain,
    };
}
