using System.Globalization;

namespace Provision.Kernel.Logs;

/// <summary>
/// The files of one container's log, in a directory of its own: <c>0000000001.log</c> holds the bytes as they came,
/// <c>0000000001.idx</c> when they came. A rotation begins the next number and renames nothing, so that there is no
/// moment at which a byte has no place. The highest number is the one being written.
/// </summary>
internal static class LogFiles
{
    public const string Data = ".log", Index = ".idx";
    private const int Digits = 10;

    public static string Path(string directory, long number, string suffix) =>
        string.Create(CultureInfo.InvariantCulture, $"{directory}/{number:D10}{suffix}");

    /// <summary>Numbers of the data files, ascending; empty when the directory is not there.</summary>
    public static List<long> Numbers(string directory) => Numbers(directory, Data);

    /// <summary>Removes what lies more than <paramref name="keep"/> files back, and times without data.</summary>
    public static void Prune(string directory, int keep)
    {
        var numbers = Numbers(directory);
        foreach (var number in numbers.SkipLast(Math.Max(keep, 1)))
            File.Delete(Path(directory, number, Data));
        var kept = numbers.TakeLast(Math.Max(keep, 1)).ToHashSet();
        foreach (var number in Numbers(directory, Index).Where(n => !kept.Contains(n)))
            File.Delete(Path(directory, number, Index));
    }

    private static List<long> Numbers(string directory, string suffix)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(directory)
                    .Select(System.IO.Path.GetFileName)
                    .Where(n => n!.Length == Digits + suffix.Length && n.EndsWith(suffix, StringComparison.Ordinal) && n.AsSpan(0, Digits).IndexOfAnyExceptInRange('0', '9') < 0)
                    .Select(static n => long.Parse(n.AsSpan(0, Digits), CultureInfo.InvariantCulture))
                    .Order(),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
