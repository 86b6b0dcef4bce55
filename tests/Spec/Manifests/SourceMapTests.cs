namespace Provision.Spec.Tests;

public sealed class SourceMapTests
{
    private const string Text = """
        apiVersion: provision/v1
        kind: Bridge
        metadata:
          name: br0
          labels: {a: b}
        spec:
          mtu: 1500
          addresses:
            - 10.0.0.1/24
          ports:
            - link: eth1
              vlans: [{id: 10, pvid: true}]
          dependsOn: [Bridge/br1]
        ---
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: br1}
        """;

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("kind", 2, 7)]
    [InlineData("metadata.name", 4, 9)]
    [InlineData("metadata.labels[a]", 5, 15)]
    [InlineData("mtu", 7, 8)]
    [InlineData("addresses[10.0.0.1/24]", 9, 7)]
    [InlineData("ports[eth1]", 11, 7)]
    [InlineData("ports[eth1].link", 11, 13)]
    [InlineData("ports[eth1].vlans[10].pvid", 12, 30)]
    [InlineData("ports[eth1].hairpin", 11, 7)]
    [InlineData("dependsOn[Bridge/br1]", 13, 15)]
    [InlineData("ageingTime", 1, 1)]
    public void At_Path_SpanOfWhatWasWritten(string path, int line, int column)
    {
        var result = Manifests.Parse("test.yaml", Text, TestKinds.All);
        Assert.Empty(result.Diagnostics.Items);
        var span = result.Set.Find(new ResourceId("Bridge", "br0"))!.Source.At(path);
        Assert.Equal((line, column), (span.Line, span.Column));
    }
}
