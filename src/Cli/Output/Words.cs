namespace Provision.Cli;

/// <summary>Counts in words.</summary>
internal static class Words
{
    /// <summary><c>1 error</c>, <c>2 errors</c>, <c>no errors</c>.</summary>
    public static string Count(int number, string noun) => number switch
    {
        0 => $"no {noun}s",
        1 => $"1 {noun}",
        _ => $"{number} {noun}s",
    };
}
