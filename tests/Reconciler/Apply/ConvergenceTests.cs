using CsCheck;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Apply;

public sealed class ConvergenceTests
{
    private static readonly Gen<ObjectValue> AnySpec =
        from size in Gen.Int[1, 9]
        from round in Gen.Bool
        from tags in Gen.Int[0, 2].HashSet[0, 3]
        select Stated($"{size}", round ? "round" : "square", [.. tags.Select(static t => $"t{t}")]);

    /// <summary>Up to five boxes, each perhaps depending on the one before.</summary>
    private static readonly Gen<ResourceSet> AnySet =
        from specs in AnySpec.Array[5]
        from there in Gen.Bool.Array[5]
        from chained in Gen.Bool.Array[5]
        select Build(specs, there, chained);

    private static ResourceSet Build(ObjectValue[] specs, bool[] there, bool[] chained)
    {
        var resources = new List<Resource>();
        for (var i = 0; i < specs.Length; i++)
            if (there[i])
                resources.Add(Resource($"b{i}", specs[i], null, chained[i] && resources.Count > 0 ? [resources[^1].Id.Name] : []));
        return new ResourceSet([.. resources]);
    }

    [Fact]
    public void AnyAToAnyB_EndsAsBOnACleanHost() => Gen.Select(AnySet, AnySet).Sample((a, b) =>
    {
        var options = new PlanOptions { Prune = true, PruneAll = true };
        var (walked, clean) = (new Workbench(), new Workbench());
        Assert.Equal(ApplyOutcome.Done, walked.Apply(a, options).Outcome);
        Assert.Equal(ApplyOutcome.Done, walked.Apply(b, options).Outcome);
        clean.Apply(b, options);
        Assert.Equal(clean.Shelf.Picture(), walked.Shelf.Picture());
        Assert.True(walked.Plan(b, options).Plan.IsEmpty);
    }, iter: 300);

    [Fact]
    public void AnyFault_RestoresOrConvergesNext() => Gen.Select(AnySet, AnySet, Gen.Int[0, 30]).Sample((a, b, at) =>
    {
        var options = new PlanOptions { Prune = true, PruneAll = true };
        var bench = new Workbench();
        bench.Apply(a, options);
        var before = bench.Shelf.Picture();
        var operations = bench.Plan(b, options).Plan.Changes.SelectMany(c => c.Operations).ToList();
        if (operations.Count == 0)
            return;
        bench.Shelf.Faults[operations[at % operations.Count].Text] = (22, 1);
        var result = bench.Apply(b, options);
        if (result.Outcome == ApplyOutcome.RolledBack)
            Assert.Equal(before, bench.Shelf.Picture());
        bench.Shelf.Faults.Clear();
        Assert.Equal(ApplyOutcome.Done, bench.Apply(b, options).Outcome);
        Assert.True(bench.Plan(b, options).Plan.IsEmpty);
    }, iter: 300);
}
