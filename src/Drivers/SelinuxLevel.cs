using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>
/// The level of a label, <c>s0:c12,c345</c>, as the kernel writes it (mls_sid_to_context): categories ascending, three or
/// more in a row as <c>c1.c3</c>, one level where low and high are the same.
/// </summary>
internal sealed partial class SelinuxLevel : ScalarType
{
    public const string Auto = "auto";

    /// <summary>Of mls_level_t in the policies that people use: c0 to c1023.</summary>
    private const int Categories = 1024, Sensitivities = 1024;

    public static readonly SelinuxLevel Instance = new();

    public override string Name => "level";

    public override string Expected => "auto, or a level such as s0:c12,c345";

    public override string Pattern => @"^(auto|s[0-9]+(:[c0-9.,]+)?(-s[0-9]+(:[c0-9.,]+)?)?)$";

    public override bool TryParse(string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        var levels = text.Split('-').Select(One).ToList();
        value = text == Auto ? Auto
            : levels.Count > 2 || levels.Contains(null) ? null
            : (Value)string.Join('-', levels.Distinct());
        error = value is null ? $"{Shown.Text(text)} is not {Expected}" : null;
        return value is not null;
    }

    /// <summary>A pair of categories that nobody has; which one depends on the seed alone while there are no others.</summary>
    /// <param name="taken">Levels in use; the new one is added.</param>
    public static string Free(string seed, ISet<string> taken)
    {
        const uint pairs = Categories * (Categories - 1) / 2;
        // FNV-1a: the same in every run.
        var at = seed.Aggregate(2166136261u, static (hash, c) => (hash ^ c) * 16777619u) % pairs;
        for (var tries = 0u; tries < pairs; tries++, at = (at + 1) % pairs)
        {
            var (low, rest) = (0u, at);
            for (var row = Categories - 1u; rest >= row; rest -= row, row--)
                low++;
            if ($"s0:c{low},c{low + 1 + rest}" is var level && taken.Add(level))
                return level;
        }

        throw new InvalidOperationException($"all {pairs} pairs of categories are in use");
    }

    private static string? One(string text)
    {
        var match = Form().Match(text);
        if (!match.Success || !int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var sensitivity) || sensitivity >= Sensitivities)
            return null;
        var held = new SortedSet<int>();
        foreach (var part in match.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('.').Select(static c => int.TryParse(c.AsSpan(1), CultureInfo.InvariantCulture, out var number) ? number : Categories).ToList();
            if (ends[0] > ends[^1] || ends[^1] >= Categories)
                return null;
            held.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }

        return $"s{sensitivity}{(held.Count == 0 ? "" : ":" + string.Join(',', Runs(held)))}";
    }

    private static IEnumerable<string> Runs(SortedSet<int> held)
    {
        foreach (var first in held.Where(c => !held.Contains(c - 1)))
        {
            var last = first;
            while (held.Contains(last + 1))
                last++;
            yield return last == first ? $"c{first}" : last == first + 1 ? $"c{first},c{last}" : $"c{first}.c{last}";
        }
    }

    [GeneratedRegex(@"^s([0-9]{1,4})(?::(c[0-9]{1,4}(?:\.c[0-9]{1,4})?(?:,c[0-9]{1,4}(?:\.c[0-9]{1,4})?)*))?\z")]
    private static partial Regex Form();
}
