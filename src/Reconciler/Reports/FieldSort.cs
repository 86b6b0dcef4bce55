using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Puts every declared field of an object that is there into one list: checked (and how), unchecked or exempt.</summary>
internal sealed class FieldSort
{
    private readonly Comparison _comparison;
    private readonly IDriver _driver;
    private readonly DeepLook? _deep;
    private readonly List<(string Path, Evidence Read)> _compared = [];

    private FieldSort(Comparison comparison, IDriver driver, DeepLook? deep) => (_comparison, _driver, _deep) = (comparison, driver, deep);

    public List<SkippedField> Unchecked { get; } = [];

    public List<SkippedField> Exempt { get; } = [];

    /// <summary>An entry for each way of reading, the surest first.</summary>
    public IEnumerable<CheckedFields> Checked =>
        _compared.GroupBy(static c => c.Read).OrderBy(static g => g.Key.Confidence).Select(read =>
            new CheckedFields(_comparison.Id, [.. read.Select(static c => c.Path)], read.Key) { Notes = Notes(read) });

    private Observed Live => _comparison.Live!;

    public static FieldSort Of(Comparison comparison, IDriver driver, DeepLook? deep)
    {
        var sort = new FieldSort(comparison, driver, deep);
        foreach (var field in SpecPaths.Leaves(driver.Schema.Fields))
            sort.Add(field);
        return sort;
    }

    private void Add(Field field)
    {
        var path = ValuePath.Of(field);
        if (_comparison.Exempt.Any(path.IsWithin))
            return;
        if (Live.Unreadable.FirstOrDefault(u => path.IsWithin(u.Key)) is { Key: not null } unreadable)
            Unchecked.Add(new SkippedField(_comparison.Id, field.Path, unreadable.Value));
        else if (field.NotObserved)
            Unchecked.Add(new SkippedField(_comparison.Id, field.Path, "not live state"));
        else if (_comparison.Desired.Get(field) is { } value)
            Compared(field, value);
        else if (_comparison.Resource.Metadata.ManagementPolicy is var policy and not ManagementPolicy.Manage)
            Exempt.Add(new SkippedField(_comparison.Id, field.Path, $"managementPolicy {policy}: not stated"));
        else
            Unchecked.Add(new SkippedField(_comparison.Id, field.Path, "not stated and without a default: Provision does not set it"));
    }

    // What can be written in several forms is one field, unless its members were not all read alike.
    private void Compared(Field field, Value value)
    {
        var members = field.Type is UnionType union && union.Of(value) is ObjectType form ? SpecPaths.Leaves(form.Fields).ToList() : [];
        var own = Read(ValuePath.Of(field));
        if (members.All(m => IsCompared(m) && Read(ValuePath.Of(m)) == own))
            _compared.Add((field.Path, own));
        else
            members.ForEach(Add);
    }

    private bool IsCompared(Field member)
    {
        var path = ValuePath.Of(member);
        return !member.NotObserved && _comparison.Desired.Get(member) is not null && !_comparison.Exempt.Any(path.IsWithin) && !Live.Unreadable.Keys.Any(path.IsWithin);
    }

    private Evidence Read(ValuePath path) =>
        _deep?.Fields.FirstOrDefault(f => path.IsWithin(f.Path.ToString()))?.Read ?? _driver.ReadBy(path, Live);

    private ImmutableArray<string> Notes(IEnumerable<(string Path, Evidence Read)> compared) =>
        [.. (_deep?.Fields ?? []).Where(f => compared.Any(c => c.Path == f.Path.ToString())).SelectMany(static f => f.Notes)];
}
