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

    public static DriftReport Of(Findings findings, DriverRegistry drivers)
    {
        var builder = new DriftReportBuilder();
        foreach (var comparison in findings.Comparisons)
            builder.Add(comparison, drivers.For(comparison.Id.Kind));
        return new DriftReport(
            findings.Scope, builder._rows.ToImmutable(), builder._checked.ToImmutable(), builder._unchecked.ToImmutable(),
            builder._exempt.ToImmutable(), builder._pending.ToImmutable(), builder._problems.ToImmutable());
    }

    private void Add(Comparison comparison, IDriver driver)
    {
        var errors = comparison.Problems.Where(static p => p.Severity == Severity.Error).ToList();
        if (IsGone(comparison, errors))
        {
            _rows.Add(new DriftRow(
                comparison.Id, comparison.Id.Name, null, comparison.Resource.Spec, null, driver.ReadMethod, Confidence.Kernel));
            _checked.Add(new CheckedFields(comparison.Id, [""], driver.ReadMethod));
        }
        else if (errors.Count > 0)
        {
            _unchecked.Add(new SkippedField(comparison.Id, "", errors[0].Message));
            _problems.AddRange(errors);
        }
        else if (!comparison.Exists)
        {
            _checked.Add(new CheckedFields(comparison.Id, [""], driver.ReadMethod));
            _pending.Add(new SkippedField(comparison.Id, "", "not applied yet"));
        }
        else if (comparison.Live!.OnlyDeclared is { } why)
        {
            _unchecked.Add(new SkippedField(comparison.Id, "", why));
        }
        else
        {
            Compare(comparison, driver);
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

    private void Compare(Comparison comparison, IDriver driver)
    {
        var live = comparison.Live!;
        foreach (var field in comparison.Fields)
            if (field.Cause == Cause.Drift)
                _rows.Add(new DriftRow(comparison.Id, live.Object, field.Path, field.To, field.From, driver.ReadMethod, Confidence.Kernel));
            else
                _pending.Add(new SkippedField(comparison.Id, field.Path.ToString(), "the manifest moved and was not applied yet"));

        foreach (var path in comparison.Exempt)
            _exempt.Add(new SkippedField(comparison.Id, path, "ignoreFields"));
        var compared = ImmutableArray.CreateBuilder<string>();
        foreach (var field in SpecPaths.Leaves(driver.Schema.Fields))
            Sort(comparison, live, field, compared);
        // What cannot be seen and belongs to no field.
        foreach (var (path, why) in live.Unreadable.Where(u => !SpecPaths.Leaves(driver.Schema.Fields).Any(f => ValuePath.Of(f).IsWithin(u.Key))))
            _unchecked.Add(new SkippedField(comparison.Id, path, why));
        _checked.Add(new CheckedFields(comparison.Id, compared.ToImmutable(), driver.ReadMethod));
    }

    private void Sort(Comparison comparison, Observed live, Field field, ImmutableArray<string>.Builder compared)
    {
        var path = ValuePath.Of(field);
        if (comparison.Exempt.Any(path.IsWithin))
            return;
        if (live.Unreadable.FirstOrDefault(u => path.IsWithin(u.Key)) is { Key: not null } unreadable)
            _unchecked.Add(new SkippedField(comparison.Id, field.Path, unreadable.Value));
        else if (field.NotObserved)
            _unchecked.Add(new SkippedField(comparison.Id, field.Path, "not live state"));
        else if (comparison.Desired.Get(field) is not null)
            compared.Add(field.Path);
        else if (comparison.Resource.Metadata.ManagementPolicy is var policy and not ManagementPolicy.Manage)
            _exempt.Add(new SkippedField(comparison.Id, field.Path, $"managementPolicy {policy}: not stated"));
        else
            _unchecked.Add(new SkippedField(comparison.Id, field.Path, "not stated and without a default: the kernel decides"));
    }
}
