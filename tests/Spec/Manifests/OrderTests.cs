using CsCheck;

namespace Provision.Spec.Tests;

public sealed class OrderTests
{
    [Fact]
    public void Ordered_RandomGraphs_WhatIsDependedOnComesFirst() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[0, 1_000_000]).Sample((count, seed) =>
        {
            var random = new Random(seed);
            var shuffled = Enumerable.Range(0, count).ToArray();
            random.Shuffle(shuffled);
            var text = string.Concat(shuffled.Select(i =>
                $"---\napiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: b{i}}}\nspec: {{dependsOn: [{Below(random, i)}]}}\n"));
            var result = Manifests.Parse("test.yaml", text, TestKinds.All);
            Assert.Empty(result.Diagnostics.Items);
            var seen = new HashSet<ResourceId>();
            foreach (var resource in result.Set.Ordered)
            {
                Assert.All(resource.DependsOn, d => Assert.Contains(d, seen));
                seen.Add(resource.Id);
            }

            Assert.Equal(count, seen.Count);
        });

    [Fact]
    public void Ordered_Independent_OrderOfTheManifests()
    {
        var text = string.Concat("cabd".Select(static n => $"---\napiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: {n}}}\n"));
        Assert.Equal("cabd", string.Concat(Manifests.Parse("test.yaml", text, TestKinds.All).Set.Ordered.Select(static r => r.Id.Name)));
    }

    private static string Below(Random random, int i) =>
        string.Join(", ", Enumerable.Range(0, i).Where(_ => random.Next(4) == 0).Select(static j => $"Bridge/b{j}"));
}
