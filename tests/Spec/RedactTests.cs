namespace Provision.Spec.Tests;

public sealed class RedactTests
{
    [Fact]
    public void Apply_SecretField_Hidden()
    {
        var spec = TestKinds.Only("""
            apiVersion: provision/v1
            kind: Container
            metadata: {name: a}
            spec: {command: [a], token: hunter, env: {A: b}}
            """).Spec;
        var shown = Redact.Apply(TestKinds.Container.Fields, spec);
        Assert.Equal("{command: [a], env: {A: b}, token: (secret)}", shown.ToString());
        Assert.Equal("hunter", spec["token"]!.ToString());
    }

    [Fact]
    public void Apply_SecretInListItem_Hidden()
    {
        var key = new Field("key", Types.Text(), "") { Secret = true };
        var name = new Field("name", Types.Text(), "");
        var peers = new Field("peers", new ListType(new ObjectType([name, key]), static v => ((ObjectValue)v)["name"]!.ToString()!), "");
        var item = ObjectValue.Empty.With(name, "a").With(key, "b");
        var spec = ObjectValue.Empty.With(peers, new ListValue([item]));
        Assert.Equal("{peers: [{key: (secret), name: a}]}", Redact.Apply([peers], spec).ToString());
        Assert.Equal("{key: (secret), name: a}", Redact.Apply(peers, item).ToString());
    }
}
