using System.Globalization;
using System.Text;

namespace Provision.Spec;

/// <summary>The kernel's list format (cpuset(7)): <c>0-1,4</c>, sorted, neighbours joined.</summary>
public static class CpuList
{
    // CONFIG_NR_CPUS of the largest x86-64 and arm64 kernels.
    private const int Most = 8192;

    internal static readonly ScalarType Type = new PatternType(
        "CPU list", "numbers and ranges such as 0-1,4", "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$", Normalize)
    { PlainNumbers = true };

    /// <summary>The numbers of a list; throws on text that is not one (check it with the type first).</summary>
    public static SortedSet<int> Parse(string list) =>
        Read(list.Trim(), out var error) ?? throw new FormatException(error);

    /// <summary>The canonical text; empty for no numbers.</summary>
    public static string Format(IEnumerable<int> numbers)
    {
        var text = new StringBuilder();
        var (first, last) = (-1, -2);
        foreach (var number in new SortedSet<int>(numbers).Append(int.MaxValue))
        {
            if (number == last + 1)
            {
                last = number;
                continue;
            }

            if (first >= 0)
                text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{first}")
                    .Append(first == last ? "" : string.Create(CultureInfo.InvariantCulture, $"-{last}"));
            (first, last) = (number, number);
        }

        return text.ToString();
    }

    private static (string?, string?) Normalize(string text) =>
        text.Length == 0 ? (null, "the list is empty")
        : Read(text, out var error) is { } numbers ? (Format(numbers), null)
        : (null, error);

    private static SortedSet<int>? Read(string text, out string? error)
    {
        error = null;
        var numbers = new SortedSet<int>();
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
        {
            var bounds = part.Split('-');
            var (first, last) = (0, 0);
            if (bounds.Length > 2 || !TryNumber(bounds[0], out first) || !TryNumber(bounds[^1], out last))
                error = $"{Shown.Text(text)} is not a list of numbers and ranges such as 0-1,4";
            else if (last < first)
                error = $"the range {part} runs backwards";
            else if (last >= Most)
                error = $"{last} is beyond the {Most} that a kernel can have";
            if (error is not null)
                return null;
            for (var number = first; number <= last; number++)
                numbers.Add(number);
        }

        return numbers;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
