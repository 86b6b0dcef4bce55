namespace Provision.Spec;

/// <summary>"Did you mean": the known word nearest to what was written.</summary>
public static class Suggestion
{
    private const int LongestWord = 64;

    /// <summary>The nearest of the candidates (edit distance up to a third of the length, rounded up); null when none is near.</summary>
    public static string? Nearest(string written, IEnumerable<string> candidates)
    {
        if (written.Length is 0 or > LongestWord)
            return null;
        string? best = null;
        var least = Math.Min((written.Length + 2) / 3, written.Length - 1) + 1;
        foreach (var candidate in candidates)
        {
            var distance = string.Equals(candidate, written, StringComparison.OrdinalIgnoreCase)
                ? 0
                : Distance(written, candidate);
            if (distance < least)
                (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>A hint such as <c>did you mean "memory"?</c>; null when nothing is near.</summary>
    public static string? Hint(string written, IEnumerable<string> candidates) =>
        Nearest(written, candidates) is { } near ? $"did you mean {near}?" : null;

    // Optimal string alignment: insertions, deletions, substitutions, and two neighbours swapped, each cost 1.
    private static int Distance(string a, string b)
    {
        if (b.Length > LongestWord)
            return int.MaxValue;
        var before = new int[b.Length + 1];
        var above = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            above[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, above, row) = (above, row, before);
        }

        return above[b.Length];
    }
}
