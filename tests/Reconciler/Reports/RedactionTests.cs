using System.Text;
using System.Text.Json;
using Provision.Reconciler.Reports;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;

namespace Provision.Reconciler.Tests.Reports;

public sealed class RedactionTests
{
    private static readonly Field Token = new("token", Types.Text(), "Never shown.") { Secret = true };
    private static readonly Field Name = new("name", Types.Text(), "A name.");
    private static readonly Field Peers = new("peers", new ListType(new ObjectType([Name, Token]), static p => ((ObjectValue)p)["name"]!.ToString()!), "Peers.");
    private static readonly Field Key = new("key", Types.Text(), "Never shown.") { Secret = true };
    private static readonly KindSchema Schema = new("Vault", "Keeps secrets.", [Key, Peers]);

    private static readonly ObjectValue Peer = new ObjectValue(ObjectValue.Empty.Members.Add("name", "a").Add("token", "hush"));

    private static readonly ObjectValue Spec = ObjectValue.Empty.With(Key, "hush").With(Peers, new ListValue([Peer]));

    [Fact]
    public void Text_OfSecrets_IsHidden()
    {
        var peers = ValuePath.Of(Peers);

        Assert.Equal("(secret)", ShownValue.Text(ValuePath.Of(Key), "hush"));
        Assert.Equal("[{name: a, token: (secret)}]", ShownValue.Text(peers, Spec.Get(Peers)));
        Assert.Equal("{name: a, token: (secret)}", ShownValue.Text(peers.Item("a"), Peer));
        Assert.Equal("(secret)", ShownValue.Text(peers.Item("a").Then(Token), "hush"));
    }

    [Fact]
    public void Json_OfSecrets_IsHidden()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            ShownValue.Json(writer, Schema.Fields, Spec);

        Assert.Equal("""{"key":"(secret)","peers":[{"name":"a","token":"(secret)"}]}""", Encoding.UTF8.GetString(buffer.ToArray()));
    }

    [Theory]
    [InlineData("key", true)]
    [InlineData("peers[a].token", true)]
    [InlineData("peers[a].name", false)]
    [InlineData("peers", false)]
    [InlineData("elsewhere", false)]
    public void Operation_OfASecretField_DoesNotTellItsValue(string field, bool hidden)
    {
        var shown = new ShownOperation(new DriverRegistry([new VaultDriver()]));
        var id = new ResourceId("Vault", "v");
        var operation = new SetBox("v", Key, "hush") { Field = field };
        var failure = new OperationFailure(id, operation, new KernelError("set", "v", "hush", 22, "hush is bad"));

        Assert.Equal(hidden, !shown.Text(id, operation).Contains("hush", StringComparison.Ordinal));
        Assert.Equal(hidden, !shown.Error(failure).ToString().Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void SavedPlan_ThatIsStale_DoesNotTellSecrets()
    {
        var planner = new Planner(new DriverRegistry([new VaultDriver()]));
        PlanResult Plan(string key) => planner.Plan(
            new ResourceSet([new Resource(new ResourceId("Vault", "v"), new Metadata("v"), ObjectValue.Empty.With(Key, key), [], SourceMap.None)]), new Scope(), new PlanOptions());

        var moved = Assert.Single(SavedPlan.Of(Plan("hush"), new PlanOptions(), "", planner.Drivers).Moved(Plan("hushed"), planner.Drivers));

        Assert.Contains("its operations differ", moved, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", moved, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_FromTheKernel_HasNoControlCharacters() =>
        Assert.Equal("a\\x1b[31m", ShownValue.Text(ValuePath.Of(Name), "a\x1b[31m"));

    [Theory]
    [InlineData(256L << 20, "256Mi")]
    [InlineData(NumberValue.Max, "max")]
    public void Text_OfANumber_IsInTheLanguagesUnits(long bytes, string expected) =>
        Assert.Equal(expected, ShownValue.Text(new Field("max", Types.Bytes(allowMax: true), ""), bytes));

    private sealed class VaultDriver : IDriver
    {
        public KindSchema Schema => RedactionTests.Schema;

        public string ReadMethod => "none";

        public string EventTable => "none";

        public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only) => [];

        public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag) => spec;

        public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) =>
            [new SetBox("v", Key, request.Desired!.Get(Key)) { Field = "key" }];

        public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired) => [];
    }
}
