using System.Text;

namespace Provision.Spec;

/// <summary>Names of resources and links, and references to resources.</summary>
internal static class Names
{
    private const int LongestResource = 63;

    // IFNAMSIZ is 16 with the terminating NUL.
    private const int LongestLink = 15;

    private const string ResourcePattern = @"(?!.*\.\.)(?!.{64})[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

    private const string ResourceExpected =
        "a name of lower-case letters, digits, '-' and '.', at most 63, that starts and ends with a letter or digit";

    public static readonly ScalarType Resource = new PatternType(
        "name", ResourceExpected, $"^{ResourcePattern}$", static text => (IsResource(text) ? text : null, WrongResource(text)))
    { PlainNumbers = true };

    public static readonly ScalarType AnyReference = new PatternType(
        "Kind/name",
        "a resource as Kind/name, such as Cgroup/web",
        $"^[A-Z][A-Za-z0-9]*/{ResourcePattern}$",
        static text => (IsAnyReference(text) ? text : null, null))
    { Referenced = Types.AnyKind };

    public static readonly ScalarType Link = new PatternType(
        "link name",
        "a link's name: 1 to 15 bytes without white space, '/' or ':'",
        @"^[^/:\s]{1,15}$",
        static text => (IsLink(text) ? text : null, WrongLink(text)))
    { PlainNumbers = true };

    public static ScalarType Reference(string kind) => new PatternType(
        $"name of a {kind}",
        $"the name of a {kind} of this set",
        $"^{ResourcePattern}$",
        static text => (IsResource(text) ? text : null, WrongResource(text)))
    { PlainNumbers = true, Referenced = kind };

    public static bool IsResource(string text) =>
        text.Length is > 0 and <= LongestResource
        && IsAlphanumeric(text[0]) && IsAlphanumeric(text[^1])
        && text.All(static c => IsAlphanumeric(c) || c is '-' or '.')
        && !text.Contains("..", StringComparison.Ordinal);

    private static bool IsAlphanumeric(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);

    private static string? WrongResource(string text) => text switch
    {
        "" => "the name is empty",
        { Length: > LongestResource } => $"the name {Shown.Text(text)} has {text.Length} characters; at most {LongestResource} are allowed",
        _ when text.Contains("..", StringComparison.Ordinal) => $"the name {Shown.Text(text)} has \"..\" in it",
        _ => $"the name {Shown.Text(text)} is not made of lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
    };

    private static bool IsAnyReference(string text) =>
        ResourceId.Parse(text) is { } id && char.IsAsciiLetterUpper(id.Kind[0])
        && id.Kind.All(char.IsAsciiLetterOrDigit) && IsResource(id.Name);

    // dev_valid_name() of the kernel.
    private static bool IsLink(string text) => WrongLink(text) is null;

    private static string? WrongLink(string text)
    {
        if (text.Length == 0)
            return "the link's name is empty";
        if (Encoding.UTF8.GetByteCount(text) is > LongestLink and var bytes)
            return $"the link's name {Shown.Text(text)} has {bytes} bytes; the kernel allows {LongestLink}";
        if (text is "." or ".." || text.Any(static c => c is '/' or ':' or '\0' || char.IsWhiteSpace(c) || char.IsControl(c)))
            return $"{Shown.Text(text)} cannot be a link's name: no white space, '/' or ':', and not . or ..";
        return null;
    }
}
