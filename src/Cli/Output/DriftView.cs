using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>A drift report for people.</summary>
internal static class DriftView
{
    public static IEnumerable<Line> Lines(DriftReport report)
    {
        if (report.HasDrift)
        {
            var columns = new Columns("RESOURCE", "FIELD", "EXPECTED", "ACTUAL", "READ BY");
            foreach (var row in report.Rows)
                columns.Row(
                    (row.Id.ToString(), Tint.Bold),
                    (row.Path?.ToString() ?? "", Tint.None),
                    (row.Path is null ? "present" : ShownValue.Text(row.Path, row.Expected), Tint.Create),
                    (row.Path is null ? "missing" : ShownValue.Text(row.Path, row.Actual), Tint.Delete),
                    (Method(row.Read), Tint.Dim));
            foreach (var line in columns.Lines())
                yield return line;
            foreach (var line in report.Rows.Where(static r => !r.Details.IsEmpty).SelectMany(Details))
                yield return line;
            yield return "";
        }

        var resources = report.Rows.Select(static r => r.Id).Distinct().Count();
        yield return report.HasDrift
            ? new Line($"Drift: {Words.Count(report.Rows.Length, "difference")} in {Words.Count(resources, "resource")}.", Tint.Warning)
            : report.Problems.IsEmpty ? new Line("No drift.", Tint.Good)
            : new Line("No drift in what could be checked.", Tint.Warning);
        var resourcesChecked = report.Checked.Select(static c => c.Id).Distinct().Count();
        yield return new Line(
            $"Checked {Words.Count(Fields(report), "field")} of {Words.Count(resourcesChecked, "resource")}{Lesser(report)}; " +
            $"{report.Unchecked.Length} unchecked, {report.Exempt.Length} exempt, {report.Pending.Length} pending (-o json lists them).", Tint.Dim);
        foreach (var check in report.Checked)
            foreach (var note in check.Notes)
                yield return new Line($"{check.Id} {string.Join(", ", check.Fields)}: {note}", Tint.Warning);
    }

    // What is not the kernel's own word.
    private static string Lesser(DriftReport report)
    {
        var (recorded, counted) = (Fields(report, Confidence.Recorded), Fields(report, Confidence.CountOnly));
        return (recorded > 0 ? $", {recorded} as recorded" : "") + (counted > 0 ? $", {counted} only counted" : "");
    }

    private static int Fields(DriftReport report, Confidence? of = null) =>
        report.Checked.Where(c => of is null || c.Read.Confidence == of).Sum(static c => c.Fields.Length);

    private static IEnumerable<Line> Details(DriftRow row)
    {
        yield return "";
        yield return new Line($"{row.Id} {row.Path}, {row.Object}:");
        foreach (var detail in row.Details)
            yield return new Line($"  {detail}");
    }

    private static string Method(Evidence read) => read.Confidence switch
    {
        Confidence.Recorded => $"{read.Method} (recorded)",
        Confidence.CountOnly => $"{read.Method} (counted)",
        _ => read.Method,
    };
}
