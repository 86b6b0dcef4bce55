using System.Text.Json.Nodes;
using CsCheck;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Tests.Supervise;

/// <summary>What another version wrote, and what nobody should have.</summary>
public sealed class SkewTests
{
    [Fact]
    public void Run_WithAMemberOfALaterVersion_IsRead()
    {
        var run = new ContainerRun(RunState.Running, 7, 9, 1, 0, 0, 0);

        Assert.Equal(run, ContainerRun.Parse(With(run.ToJson(), "later")));
    }

    [Fact]
    public void Order_WithMembersOfALaterVersion_IsRead()
    {
        var path = Path.GetTempFileName();
        var node = JsonNode.Parse(SuperviseJson.Text(MessageTests.Order()))!;
        node["later"] = 1;
        node["sandbox"]!["later"] = "x";
        node["restart"]!["later"] = new JsonObject();
        File.WriteAllText(path, node.ToJsonString());

        var read = Adoption.ReadOrder(path);

        File.Delete(path);
        Assert.Equal(SuperviseJson.Text(MessageTests.Order()), SuperviseJson.Text(read!));
    }

    [Fact]
    public void Handover_WithMembersOfALaterVersion_IsReadUnlessItsNumberForbids()
    {
        var state = Handover();
        var text = System.Text.Encoding.UTF8.GetString(state.ToBytes());

        Assert.Equal(5, Assert.Single(HandoverState.Parse(With(text, "later")).Containers).Process);
        var later = System.Text.Encoding.UTF8.GetString((state with { Version = HandoverState.Current + 1 }).ToBytes());
        Assert.Contains("version", Assert.Throws<KernelException>(() => HandoverState.Parse(later)).Message);
        Assert.Throws<KernelException>(() => HandoverState.Parse("{}"));
        Assert.Throws<KernelException>(() => HandoverState.Parse("null"));
    }

    [Fact]
    public void Response_WithMembersOfALaterVersion_IsRead() =>
        Assert.Equal(3, Response.Parse(System.Text.Encoding.UTF8.GetBytes("""{"pid":3,"later":[1]}"""))!.Pid);

    [Theory]
    [InlineData("order.name")]
    [InlineData("order.sandbox")]
    [InlineData("order.sandbox.command[0]")]
    [InlineData("order.sandbox.networks[0]")]
    [InlineData("order.sandbox.networks[0].interface")]
    [InlineData("order.sandbox.networks[0].addresses[0]")]
    [InlineData("order.restart")]
    [InlineData("order.sandbox.root.hidden")]
    public void Parse_NullWhereAValueMustBe_IsAProblem(string place)
    {
        var (request, problem) = Parsed(place, static parent => null);

        Assert.Null(request);
        Assert.NotEmpty(problem!);
    }

    [Theory]
    [InlineData("order.sandbox.networks[0].interface")]
    [InlineData("order.sandbox.root.hidden")]
    [InlineData("order.sandbox.networks[0].routes[0].via")]
    public void Parse_AMemberThatIsNotThere_IsAProblem(string place)
    {
        var whole = Whole();
        var (parent, name) = Find(whole, place);
        ((JsonObject)parent).Remove(name);

        Assert.Contains("missing", Request.Parse(Bytes(whole)).Problem);
    }

    [Fact]
    public void Parse_AnyPlaceReplacedByAnything_IsAProblemOrAnOrderThatCanBeChecked()
    {
        JsonNode?[] with = [null, JsonValue.Create(-1), JsonValue.Create(long.MaxValue), JsonValue.Create(1e300), JsonValue.Create(""), JsonValue.Create("../x"), new JsonArray(), new JsonArray((JsonNode?)null), new JsonObject()];
        var places = Places(Whole()).ToList();
        Assert.True(places.Count > 40);
        Gen.Select(Gen.Int[0, places.Count - 1], Gen.Int[0, with.Length - 1]).Sample((place, what) =>
        {
            var (request, problem) = Parsed(places[place], _ => with[what]?.DeepClone());
            Assert.True(request is null != problem is null);
            if (request?.Order is { } order)
                _ = OrderCheck.Flaw(order);
        });
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(Waits.LongestMilliseconds + 1)]
    [InlineData(-1)]
    public void Flaw_AWaitOutOfBounds_IsOne(long milliseconds)
    {
        var order = MessageTests.Order();
        Assert.Null(OrderCheck.Flaw(order));
        Assert.NotNull(OrderCheck.Flaw(order with { Stop = new StopSpec(15, milliseconds) }));
        Assert.NotNull(OrderCheck.Flaw(order with { Restart = order.Restart with { ResetAfterMilliseconds = milliseconds } }));
        Assert.NotNull(OrderCheck.Flaw(order with { Restart = order.Restart with { InitialMilliseconds = milliseconds } }));
        Assert.NotNull(OrderCheck.Flaw(order with { Restart = order.Restart with { MaxMilliseconds = milliseconds } }));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Decide_WaitsThatNobodyChecked_OverflowNothing(long milliseconds)
    {
        var spec = new RestartSpec(RestartPolicyKind.Always, milliseconds, milliseconds, milliseconds);
        foreach (var inARow in (int[])[0, 1, 61, int.MaxValue])
        {
            var decision = RestartPolicy.Decide(spec, 1, TimeSpan.FromDays(10_000), inARow);
            Assert.True(decision.Restart);
            Assert.InRange(decision.Delay.TotalMilliseconds, 0, Waits.LongestMilliseconds);
        }
    }

    [Fact]
    public void ToJson_TroubleOfAMegabyte_FitsIntoAnExtendedAttribute()
    {
        var run = new ContainerRun(RunState.Failed, 0, 0, 0, 0, 0, 0) { Trouble = new string('\u0001', 1 << 20) };

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(run.ToJson()), 1, 65_536);
        Assert.StartsWith("\u0001\u0001", ContainerRun.Parse(run.ToJson())!.Trouble);
    }

    [Fact]
    public void Frames_AnAnswerAboveTheBoundOfRequests_ComesOutWhole()
    {
        var answer = new byte[3 * Frames.MaxLength];
        Random.Shared.NextBytes(answer);
        var frames = new Frames(Frames.LongestAnswer);
        var came = new List<byte[]>();
        foreach (var piece in Frames.Of(answer, Frames.LongestAnswer).Chunk(16_384))
            came.AddRange(frames.Add(piece));

        Assert.Equal(answer, Assert.Single(came));
        Assert.Throws<ArgumentException>(() => Frames.Of(answer));
    }

    private static HandoverState Handover() => new()
    {
        Generation = 1,
        Listener = 3,
        Lock = 4,
        Asker = -1,
        Containers = [new HandoverContainer(MessageTests.Order(), new ContainerRun(RunState.Running, 7, 9, 1, 0, 0, 0), 5, 6, null)],
    };

    private static JsonNode Whole() => JsonNode.Parse(new Request
    {
        Verb = Verb.Start,
        Name = "web-1",
        Order = MessageTests.Order() with { Logging = new LoggingSpec(8192, 2) },
        Attachment = MessageTests.Order().Sandbox.Networks[0],
    }.ToBytes())!;

    private static string With(string json, string member)
    {
        var node = JsonNode.Parse(json)!;
        node[member] = new JsonObject { ["x"] = 1 };
        return node.ToJsonString();
    }

    private static byte[] Bytes(JsonNode node) => System.Text.Encoding.UTF8.GetBytes(node.ToJsonString());

    private static (Request? Request, string? Problem) Parsed(string place, Func<JsonNode, JsonNode?> with)
    {
        var whole = Whole();
        var (parent, name) = Find(whole, place);
        if (parent is JsonArray array)
            array[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] = with(parent);
        else
            parent[name] = with(parent);
        return Request.Parse(Bytes(whole));
    }

    private static (JsonNode Parent, string Name) Find(JsonNode root, string place)
    {
        var names = place.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        foreach (var name in names[..^1])
            root = root is JsonArray array ? array[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : root[name]!;
        return (root, names[^1]);
    }

    private static IEnumerable<string> Places(JsonNode node, string at = "")
    {
        var children = node switch
        {
            JsonObject members => members.Select(static m => (m.Key, m.Value)),
            JsonArray items => items.Select(static (item, i) => ($"[{i}]", item)),
            _ => [],
        };
        foreach (var (name, child) in children)
        {
            var place = at.Length == 0 || name[0] == '[' ? at + name : $"{at}.{name}";
            yield return place;
            if (child is not null)
                foreach (var below in Places(child, place))
                    yield return below;
        }
    }
}
