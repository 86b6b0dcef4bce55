using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Networks;

public sealed class ManyTests
{
    private const int Count = 100;

    [RootFact]
    public void Set_AHundredInOneGo_IsThereBesideTheRefused()
    {
        using var at = new NetworkFixture();
        // Several containers a namespace would share an interface name, so each has interfaces of its own there.
        var namespaces = Enumerable.Range(0, 10).Select(i => new Container(at, $"c{i}")).ToList();
        try
        {
            var requests = Enumerable.Range(0, Count).Select(i => namespaces[i % 10].Request(new NetworkAttachment(
                i == 55 ? "missing" : "web0", $"eth{i / 10}", null, [$"10.{100 + (i / 10)}.{i % 10}.2/16"], [new($"10.{200 + (i / 10)}.0.0/16", $"10.{100 + (i / 10)}.0.1")]))).ToList();

            var errors = at.Networks.Set(requests);

            Assert.Equal([55], Enumerable.Range(0, Count).Where(i => errors[i] is not null));
            Assert.Equal(Count - 1, at.Host.IpJson("link show master web0").GetArrayLength());
            for (var i = 0; i < namespaces.Count; i++)
            {
                var shown = namespaces[i].Netns.IpJson("route show").EnumerateArray().Count(static r => r.TryGetProperty("gateway", out _));
                Assert.Equal(i == 5 ? 9 : 10, shown);
            }

            Assert.All(namespaces, c => Assert.Null(at.Networks.DetachAll(c.Owner)));
            Assert.Equal(0, at.Host.IpJson("link show master web0").GetArrayLength());
        }
        finally
        {
            namespaces.ForEach(static c => c.Dispose());
        }
    }
}
