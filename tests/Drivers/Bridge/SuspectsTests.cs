using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

public sealed class SuspectsTests
{
    private const string Two = """
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web}
        spec: {linkName: web0, ports: [{link: eth1}]}
        ---
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: db0}
        spec: {}
        """;

    private static readonly ResourceSet Desired = Manifests.Parse("two.yaml", Two, new KindRegistry([BridgeSchema.Schema])).Set;

    [Theory]
    [InlineData("web0", null, "web")]
    [InlineData("eth1", null, "web")]
    [InlineData("veth7", "web0", "web")]
    [InlineData("db0", null, "db0")]
    [InlineData("old0", null, "gone")]
    [InlineData("veth7", "old0", "gone")]
    [InlineData("eth9", null, "")]
    [InlineData("web", null, "")]
    [InlineData("", null, "db0 gone web")]
    public void Suspects_OfAnEvent_AreTheBridgesItConcerns(string link, string? related, string expected)
    {
        KnownObject[] known = [new(new ResourceId("Bridge", "gone"), "old0", Ownership.Owned, null, [])];
        var driver = new BridgeDriver(new FakeLinks("/nonexistent", new Scope()));

        var suspects = driver.Suspects(new KernelEvent(KernelEvent.Links, link, related), known, Desired);

        Assert.Equal(expected, string.Join(' ', suspects.Select(static s => s.Name).Order(StringComparer.Ordinal)));
    }
}
