using Provision.Reconciler.Reports;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;

namespace Provision.Reconciler.Tests.Reports;

public sealed class DriftReportTests
{
    private readonly Workbench _bench = new();

    private DriftReport Report(ResourceSet set, Func<ResourceId, bool>? wasApplied = null) =>
        DriftReportBuilder.Of(_bench.Planner.Look(set, _bench.Scope, new PlanOptions { WasApplied = wasApplied }), _bench.Planner.Drivers);

    [Theory]
    [InlineData(ManagementPolicy.Manage, "")]
    [InlineData(ManagementPolicy.Manage, "size")]
    [InlineData(ManagementPolicy.Manage, "tags")]
    [InlineData(ManagementPolicy.Merge, "")]
    [InlineData(ManagementPolicy.Merge, "size")]
    [InlineData(ManagementPolicy.Observe, "")]
    public void EveryField_OfAnObjectThatIsThere_IsInExactlyOneList(ManagementPolicy policy, string ignored)
    {
        if (policy == ManagementPolicy.Manage)
            _bench.Apply(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2"))));
        else
            _bench.Shelf.Boxes["a"] = new Box(Boxes.Stated("2"), null);
        var metadata = new Metadata("a") { ManagementPolicy = policy, IgnoreFields = ignored.Length == 0 ? [] : [ignored] };

        var report = Report(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2", tags: ["x"]), _ => metadata)));

        var listed = report.Checked.SelectMany(static c => c.Fields)
            .Concat(report.Unchecked.Select(static f => f.Path))
            .Concat(report.Exempt.Select(static f => f.Path));
        Assert.Equal(["inside", "shape", "size", "tags"], listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Drift_AndPending_AreToldApart()
    {
        _bench.Apply(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2"))));
        _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = Boxes.Stated("2", tags: ["foreign"]) };

        var report = Report(Boxes.Set(Boxes.Resource("a", Boxes.Stated("5"))));

        var row = Assert.Single(report.Rows);
        Assert.Equal(("tags[foreign]", null, "foreign", "shelf"), (row.Path!.ToString(), row.Expected?.ToString(), row.Actual?.ToString(), row.Read.Method));
        Assert.Equal("size", Assert.Single(report.Pending).Path);
    }

    [Theory]
    [InlineData(true, 1, 0)]
    [InlineData(false, 0, 1)]
    public void Object_ThatIsMissing_IsDriftOnlyIfItWasApplied(bool applied, int rows, int pending)
    {
        var report = Report(Boxes.Set(Boxes.Resource("a", Boxes.Stated("5"))), _ => applied);

        Assert.Equal((rows, pending), (report.Rows.Length, report.Pending.Length));
    }

    [Theory]
    [InlineData(ManagementPolicy.Merge)]
    [InlineData(ManagementPolicy.Observe)]
    public void AdoptedObject_ThatIsGone_IsDrift(ManagementPolicy policy) =>
        Assert.Null(Assert.Single(Report(Boxes.Set(Boxes.Resource("a", Boxes.Stated("5"), m => m with { ManagementPolicy = policy }))).Rows).Path);

    [Fact]
    public void Conflict_WithAForeignObject_IsUncheckedAndAProblem()
    {
        _bench.Shelf.Boxes["a"] = new Box(Boxes.Stated("2"), null);

        var report = Report(Boxes.Set(Boxes.Resource("a", Boxes.Stated("5"))));

        Assert.False(report.HasDrift);
        Assert.Equal(("", HostCodes.ForeignObject), (Assert.Single(report.Unchecked).Path, Assert.Single(report.Problems).Code));
    }

    [Fact]
    public void Digest_OfAReport_IsWhatJqAndSha256sumSay()
    {
        const string report = """{ "b": [1, {"z": true, "a": "ü\"\n"}], "reportDigest": "x", "a": null }""";

        // printf '%s' REPORT | jq -jcS 'del(.reportDigest)' | sha256sum
        Assert.Equal("e5b9332acfb8a7c4e9458e7303ac5443166156ce465f852389319568d4f63cb1", ReportDigest.Of(report));
    }
}
