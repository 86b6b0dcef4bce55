using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Findings to drift report. Pure.</summary>
public sealed class DriftReportBuilder
{
    private readonly ImmutableArray<DriftRow>.Builder _rows = ImmutableArray.CreateBuilder<DriftRow>();
    private readonly ImmutableArray<CheckedFields>.Builder _checked = ImmutableArray.CreateBuilder<CheckedFields>();
    private readonly ImmutableArray<SkippedField>.Builder _unchecked = ImmutableArray.CreateBuilder<SkippedField>();
    private readonly ImmutableArray<SkippedField>.Builder _exempt = ImmutableArray.CreateBuilder<SkippedField>();
    private readonly ImmutableArray<SkippedField>.Builder _pending = ImmutableArray.CreateBuilder<SkippedField>();
    private readonly ImmutableArray<Diagnostic>.Builder _problems = ImmutableArray.CreateBuilder<Diagnostic>();

    private DriftReportBuilder()
    {
    }

    /// <param name="deep">What closer looks found, where there were any.</param>
    public static DriftReport Of(Findings findings, DriverRegistry drivers, IReadOnlyDictionary<ResourceId, DeepLook>? deep = null)
    {
        var builder = new DriftReportBuilder();
        foreach (var comparison in findings.Comparisons)
            builder.Add(comparison, drivers.For(comparison.Id.Kind), deep?.GetValueOrDefault(comparison.Id));
        return new DriftReport(
            findings.Scope, builder._rows.ToImmutable(), builder._checked.ToImmutable(), builder._unchecked.ToImmutable(),
            builder._exempt.ToImmutable(), builder._pending.ToImmutable(), builder._problems.ToImmutable());
    }

    private void Add(Comparison comparison, IDriver driver, DeepLook? deep)
    {
        var errors = comparison.Problems.Where(static p => p.Severity == Severity.Error).ToList();
        var absent = new Evidence(driver.ReadMethod, Confidence.Kernel);
        if (IsGone(comparison, errors))
        {
            _rows.Add(new DriftRow(comparison.Id, comparison.Id.Name, null, comparison.Resource.Spec, null, absent));
            _checked.Add(new CheckedFields(comparison.Id, [""], absent));
        }
        else if (errors.Count > 0)
        {
            _unchecked.Add(new SkippedField(comparison.Id, "", errors[0].Message));
            _problems.AddRange(errors);
        }
        else if (!comparison.Exists)
        {
            _checked.Add(new CheckedFields(comparison.Id, [""], absent));
            _pending.Add(new SkippedField(comparison.Id, "", "not applied yet"));
        }
        else if (comparison.Live!.OnlyDeclared is { } why)
        {
            _unchecked.Add(new SkippedField(comparison.Id, "", why));
        }
        else
        {
            Compare(comparison, driver, deep);
        }
    }

    // What was applied, adopted or is to be observed and is not there: the kernel moved, not the manifest.
    private static bool IsGone(Comparison comparison, List<Diagnostic> errors) =>
        !comparison.Exists && (comparison.Resource.Metadata.ManagementPolicy, errors) switch
        {
            (_, [{ Code: HostCodes.NothingToAdopt }, ..]) => true,
            (_, { Count: > 0 }) => false,
            (ManagementPolicy.Observe, _) => true,
            _ => comparison.Fields.Any(static f => f.Cause == Cause.Drift),
        };

    private void Compare(Comparison comparison, IDriver driver, DeepLook? deep)
    {
        var live = comparison.Live!;
        foreach (var field in comparison.Fields)
            if (field.Cause != Cause.Drift)
                _pending.Add(new SkippedField(comparison.Id, field.Path.ToString(), "the manifest moved and was not applied yet"));
            else if (deep?.Fields.Any(d => field.Path.IsWithin(d.Path.ToString())) != true)
                _rows.Add(new DriftRow(comparison.Id, live.Object, field.Path, field.To, field.From, driver.ReadBy(field.Path, live)));
        foreach (var found in deep?.Differences ?? [])
            _rows.Add(new DriftRow(comparison.Id, found.Object, found.Path, found.Expected, found.Actual, found.Read) { Details = found.Details });

        foreach (var path in comparison.Exempt)
            _exempt.Add(new SkippedField(comparison.Id, path, "ignoreFields"));
        var sorted = FieldSort.Of(comparison, driver, deep);
        // What cannot be seen and belongs to no field.
        var homeless = live.Unreadable.Where(u => !SpecPaths.Leaves(driver.Schema.Fields).Any(f => ValuePath.Of(f).IsWithin(u.Key)));
        _unchecked.AddRange(sorted.Unchecked);
        _unchecked.AddRange(homeless.Select(u => new SkippedField(comparison.Id, u.Key, u.Value)));
        _exempt.AddRange(sorted.Exempt);
        _checked.AddRange(sorted.Checked);
    }
}
