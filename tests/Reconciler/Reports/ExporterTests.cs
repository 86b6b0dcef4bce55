using CsCheck;
using Provision.Reconciler.Reports;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;

namespace Provision.Reconciler.Tests.Reports;

public sealed class ExporterTests
{
    private static readonly Gen<ObjectValue> Specs =
        from size in Gen.Int[0, 3].Select(static n => n == 0 ? null : $"{n}")
        from shape in Gen.Int[0, 2].Select(static n => n switch { 0 => null, 1 => "square", _ => "flat" })
        from tags in Gen.Char["xyz"].HashSet[0, 3]
        from stated in Gen.Bool
        select Boxes.Stated(size, shape, stated || tags.Count > 0 ? [.. tags.Select(static t => $"{t}")] : null);

    [Fact]
    public void Export_OfWhatWasApplied_PlansEmpty() => Specs.Sample(static spec =>
    {
        var bench = new Workbench();
        bench.Apply(Boxes.Set(Boxes.Resource("a", spec, static m => m with { DeletionPolicy = DeletionPolicy.Orphan })));

        Assert.True(bench.Plan(Export(bench)).Plan.IsEmpty);
    }, iter: 200);

    [Fact]
    public void Export_OfWhatDrifted_StatesWhatIsLive() => Gen.Select(Specs, Specs).Sample(static (applied, live) =>
    {
        var bench = new Workbench();
        bench.Apply(Boxes.Set(Boxes.Resource("a", applied)));
        bench.Shelf.Boxes["a"] = bench.Shelf.Boxes["a"] with { State = EffectiveSpec.Fill(Boxes.Schema.Fields, live) };

        var findings = bench.Planner.Look(Export(bench), bench.Scope, new PlanOptions());

        Assert.Empty(Assert.Single(findings.Comparisons).Fields);
    }, iter: 200);

    [Fact]
    public void Export_OfForeignObjects_AdoptsThemAsTheyAre()
    {
        var bench = new Workbench();
        bench.Shelf.Boxes["a"] = new Box(Boxes.Stated("7", tags: ["theirs"]), null);
        var there = bench.Planner.Look(
            Boxes.Set(Boxes.Resource("a", ObjectValue.Empty, static m => m with { ManagementPolicy = ManagementPolicy.Observe })), bench.Scope, new PlanOptions());

        var set = Exporter.Export(bench.Planner, bench.Scope, [.. there.Observed["Box"]]);

        var resource = Assert.Single(set.Ordered);
        Assert.Equal((ManagementPolicy.Merge, Boxes.Stated("7", tags: ["theirs"])), (resource.Metadata.ManagementPolicy, resource.Spec));
        Assert.True(bench.Plan(set).Plan.IsEmpty);
    }

    private static ResourceSet Export(Workbench bench) =>
        Exporter.Export(bench.Planner, bench.Scope, [.. bench.Planner.Look(ResourceSet.Empty, bench.Scope, new PlanOptions()).Observed["Box"]]);
}
