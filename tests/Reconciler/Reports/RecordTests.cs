using Provision.Reconciler.Reports;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;

namespace Provision.Reconciler.Tests.Reports;

public sealed class RecordTests
{
    private readonly Workbench _bench = new();

    private static readonly ResourceSet Set = Boxes.Set(
        Boxes.Resource("a", Boxes.Stated("2", tags: ["x", "y"])),
        Boxes.Resource("seen", Boxes.Stated("2"), static m => m with { ManagementPolicy = ManagementPolicy.Observe }));

    [Fact]
    public void AppliedRecord_WrittenAndRead_IsTheSame()
    {
        var record = AppliedRecord.Of(Set, _bench.Planner.Drivers);

        Assert.True(record.SameAs(AppliedRecord.Parse(record.ToJson(DateTimeOffset.UnixEpoch))));
        Assert.Equal(["size", "tags[x]", "tags[y]"], record.Resources["Box/a"].AsEnumerable());
        Assert.False(record.Contains(new ResourceId("Box", "seen")));
        Assert.DoesNotContain("\"2\"", record.ToJson(DateTimeOffset.UnixEpoch), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":"provision/applied/v2","resources":{}}""")]
    [InlineData("""{"schemaVersion":"provision/applied/v1","resources":[]}""")]
    [InlineData("""{"schemaVersion":"provision/applied/v1","resources":{"Box/a":1}}""")]
    [InlineData("""{"schemaVersion":1}""")]
    public void AppliedRecord_OfAnythingElse_IsEmpty(string text) => Assert.True(AppliedRecord.Empty.SameAs(AppliedRecord.Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"pid":"x","conditions":[]}""")]
    [InlineData("""{"pid":1,"conditions":{}}""")]
    [InlineData("""{"pid":1,"conditions":[{}]}""")]
    public void AgentConditions_OfAnythingElse_AreNone(string text) => Assert.Empty(AgentConditions.Parse(text).Conditions);

    [Fact]
    public void AgentConditions_OfAnAgent_ReachTheStatus()
    {
        _bench.Apply(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2"))));
        var agent = AgentConditions.Parse(
            """{"pid":7,"conditions":[{"resource":"Box/a","type":"Contended","message":"fought over","since":"2026-01-01T00:00:00Z"}]}""");

        var status = Assert.Single(StatusBuilder.Of(
            _bench.Planner.Look(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2"))), _bench.Scope, new PlanOptions()), agent.Conditions, withManifests: true));

        Assert.Equal((7, ResourceState.Current, "Contended: fought over"), (agent.Pid, status.State, status.Message));
        Assert.Contains(status.Conditions, static c => c is { Type: "Contended", Holds: true, Since: "2026-01-01T00:00:00Z" });
    }

    [Fact]
    public void SavedPlan_WrittenAndRead_IsTheSamePlan()
    {
        var set = Boxes.Set(
            Boxes.Resource("outer", Boxes.Stated("2")),
            Boxes.Resource("a", Boxes.Stated("max", tags: ["x", "ü\"\n"]), static m => m with
            {
                DeletionPolicy = DeletionPolicy.Orphan,
                PreventReplace = true,
                IgnoreFields = ["shape"],
                Labels = m.Labels.Add("l", "v"),
                Annotations = m.Annotations.Add("n", ""),
            }, "outer"));
        var options = new PlanOptions { Prune = true, Force = true };
        var saved = SavedPlan.Of(_bench.Plan(set, options), options, "abc", _bench.Planner.Drivers);

        var read = SavedPlanJson.Read(SavedPlanJson.Write(saved, "1", DateTimeOffset.UnixEpoch), _bench.Planner.Drivers);

        Assert.Equal((saved.Scope, true, false, true, "abc"), (read.Scope, read.Options.Prune, read.Options.PruneAll, read.Options.Force, read.ManifestDigest));
        foreach (var (was, now) in saved.Desired.Ordered.Zip(read.Desired.Ordered, static (a, b) => (a, b)))
        {
            Assert.Equal((was.Id, was.Spec), (now.Id, now.Spec));
            Assert.Equal(was.DependsOn.AsEnumerable(), now.DependsOn);
            Assert.Equal(was.Metadata with { IgnoreFields = [], Labels = now.Metadata.Labels, Annotations = now.Metadata.Annotations }, now.Metadata with { IgnoreFields = [] });
            Assert.Equal(was.Metadata.IgnoreFields.AsEnumerable(), now.Metadata.IgnoreFields);
            Assert.Equal(was.Metadata.Labels.AsEnumerable(), now.Metadata.Labels);
            Assert.Equal(was.Metadata.Annotations.AsEnumerable(), now.Metadata.Annotations);
        }

        Assert.Empty(read.Moved(_bench.Plan(read.Desired, options), _bench.Planner.Drivers));
    }

    [Fact]
    public void SavedPlan_OfAKindThatIsNotThere_IsRefused()
    {
        var saved = SavedPlan.Of(_bench.Plan(Boxes.Set(Boxes.Resource("a", Boxes.Stated("2")))), new PlanOptions(), "", _bench.Planner.Drivers);
        var text = SavedPlanJson.Write(saved, "1", DateTimeOffset.UnixEpoch);

        Assert.Contains("Box/a", Assert.Throws<SavedPlanException>(() => SavedPlanJson.Read(text, new DriverRegistry([]))).Message, StringComparison.Ordinal);
    }
}
