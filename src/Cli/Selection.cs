using Provision.Spec;

namespace Provision.Cli;

/// <summary>A KIND or KIND/NAME as people type it: any case, in the plural too.</summary>
internal readonly record struct Selection(string Kind, string? Name)
{
    public static Selection Parse(string text, KindRegistry kinds)
    {
        var slash = text.IndexOf('/');
        var kind = Schema(slash < 0 ? text : text[..slash], kinds).Kind;
        return slash < 0 ? new Selection(kind, null) : new Selection(kind, text[(slash + 1)..]);
    }

    public bool Covers(ResourceId id) => id.Kind == Kind && (Name is null || id.Name == Name);

    public static KindSchema Schema(string kind, KindRegistry kinds) =>
        kinds.Kinds.FirstOrDefault(k => Is(kind, k.Kind) || Is(kind, k.Kind + "s") || Is(kind, k.Kind + "es"))
        ?? throw StopException.Usage(
            $"there is no kind {kind}",
            Suggestion.Nearest(kind, kinds.Kinds.Select(static k => k.Kind)) is { } near
                ? $"did you mean {near}?"
                : $"kinds: {string.Join(", ", kinds.Kinds.Select(static k => k.Kind))}");

    private static bool Is(string text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
}
