namespace Provision.Cli;

/// <summary>Names of stacks and instances: they become directory names and part of a link's alias.</summary>
internal static class ScopeName
{
    /// <summary>
    /// With both at their longest, a 63 byte resource name and 40 fields, an alias mark is 237 of the 255 bytes
    /// that the kernel keeps.
    /// </summary>
    public const int MaxLength = 32;

    /// <summary>Why this cannot be a name; null when it can.</summary>
    public static string? Error(string name)
    {
        if (name.Length == 0)
            return "a name must not be empty";
        if (name.Length > MaxLength)
            return $"a name has at most {MaxLength} characters";
        if (!name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            return "a name is made of a-z, 0-9, '-' and '.'";
        if (!char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
            return "a name begins and ends with a letter or digit";
        return name.Contains("..", StringComparison.Ordinal) ? "a name has no '..'" : null;
    }
}
