using System.Globalization;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The control files of one cgroup in one hierarchy, read when asked for.</summary>
internal readonly record struct CgroupFiles(ICgroupReader Reader, CgroupHierarchy Hierarchy, string Path)
{
    /// <summary>"No limit" as a number, which cgroup v1 shows: the greatest whole page below 2^63.</summary>
    private const long UnlimitedBytes = 9_223_372_036_854_771_712;

    /// <summary>The file's text without the last newline; null when it is not there.</summary>
    public string? Text(string file) => Reader.Read(Hierarchy, Path, file)?.TrimEnd('\n');

    public bool Has(string file) => Reader.Exists(Hierarchy, Path.Length == 0 ? file : $"{Path}/{file}");

    public IEnumerable<string> Lines(string file) => (Text(file) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A number, or max in any of the kernel's spellings; null when the file is not there or not a number.</summary>
    public Value? Number(string file) => Text(file) is { } text ? ParseNumber(text) : null;

    public Value? Flag(string file) => Text(file) is { } text ? text != "0" : null;

    public static NumberValue? ParseNumber(string text)
    {
        if (text == "max")
            return new NumberValue(NumberValue.Max);
        if (!long.TryParse(text, CultureInfo.InvariantCulture, out var number))
            return null;
        return new NumberValue(number is < 0 or >= UnlimitedBytes ? NumberValue.Max : number);
    }

    /// <summary>As control files of cgroup v2 (and pids.max) want it.</summary>
    public static string Format(long number) =>
        number == NumberValue.Max ? "max" : number.ToString(CultureInfo.InvariantCulture);

    /// <summary>As byte limits of cgroup v1 want it.</summary>
    public static string FormatV1(long number) =>
        number == NumberValue.Max ? "-1" : number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Limits count in whole pages, rounded down; the greatest number of pages that the kernel counts is "no limit".</summary>
    public static long WholePages(long bytes, long page) => bytes >= UnlimitedBytes / page * page ? NumberValue.Max : bytes / page * page;
}
