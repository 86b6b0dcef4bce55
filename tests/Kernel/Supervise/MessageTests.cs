using System.Buffers.Binary;
using CsCheck;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Tests.Supervise;

public sealed class MessageTests
{
    [Fact]
    public void Add_FramesInAnyPieces_ComeOutWholeAndInOrder() =>
        Gen.Select(Gen.Byte.Array[1, 200].Array[0, 10], Gen.Int[1, 50].Array[1, 40]).Sample((messages, cuts) =>
        {
            var bytes = messages.SelectMany(static m => Frames.Of(m)).ToArray();
            var frames = new Frames();
            var came = new List<byte[]>();
            for (int at = 0, turn = 0; at < bytes.Length; turn++)
            {
                var length = Math.Min(cuts[turn % cuts.Length], bytes.Length - at);
                came.AddRange(frames.Add(bytes.AsSpan(at, length)));
                at += length;
            }

            Assert.Equal(messages, came);
            Assert.Equal(0, frames.Pending);
            Assert.False(frames.Broken);
        });

    [Theory]
    [InlineData(0u)]
    [InlineData(Frames.MaxLength + 1u)]
    [InlineData(uint.MaxValue)]
    public void Add_ALengthOutOfBounds_BreaksOffAndHoldsNothing(uint length)
    {
        var bytes = new byte[100];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        var frames = new Frames();

        Assert.Empty(frames.Add(bytes));

        Assert.True(frames.Broken);
        Assert.Equal(0, frames.Pending);
        Assert.Empty(frames.Add(Frames.Of("{}"u8)));
    }

    [Fact]
    public void Add_AnyBytes_NeverThrowsAndHoldsNoMoreThanOneMessage() =>
        Gen.Byte.Array[0, 300].Array[1, 20].Sample(pieces =>
        {
            var frames = new Frames(most: 64);
            foreach (var piece in pieces)
            {
                foreach (var message in frames.Add(piece))
                    Assert.InRange(message.Length, 1, 64);
                Assert.InRange(frames.Pending, 0, 64 + Frames.HeaderLength - 1);
            }
        });

    [Fact]
    public void Parse_AnyBytes_NeverThrows() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var (request, problem) = Request.Parse(bytes);
        Assert.True(request is null != problem is null);
        Response.Parse(bytes);
    });

    [Fact]
    public void Parse_ABrokenRequest_IsARequestOrAProblem()
    {
        var whole = new Request { Verb = Verb.Start, Name = "web-1", Order = Order() }.ToBytes();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, with) =>
        {
            var broken = (byte[])whole.Clone();
            broken[at] = with;
            var (request, problem) = Request.Parse(broken);
            Assert.True(request is null != problem is null);
        });
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"verb":"Explode"}""")]
    [InlineData("""{"verb":"Hello","unknown":1}""")]
    [InlineData("""{"verb":"Start","order":{"name":"a"}}""")]
    public void Parse_NoRequest_SaysWhy(string text) =>
        Assert.NotEmpty(Request.Parse(System.Text.Encoding.UTF8.GetBytes(text)).Problem!);

    [Fact]
    public void Parse_ItsOwnBytes_GivesTheSameOrder()
    {
        var (request, _) = Request.Parse(new Request { Verb = Verb.Start, Order = Order() }.ToBytes());

        Assert.Equal(SuperviseJson.Text(Order()), SuperviseJson.Text(request!.Order!));
    }

    [Fact]
    public void RunRecord_ItsOwnText_GivesTheSame()
    {
        var run = new ContainerRun(RunState.Waiting, 0, 0, 1_700_000_000_000, 3, 2, 1) { LastExit = new ContainerExit(null, true, 5), NextStart = 7, Trouble = "x" };

        Assert.Equal(run, ContainerRun.Parse(run.ToJson()));
        Assert.Null(ContainerRun.Parse("{"));
        Assert.Null(ContainerRun.Parse(null));
    }

    internal static ContainerOrder Order() => new()
    {
        Name = "web-1",
        Stack = "default",
        Cgroup = "provision/web-1.ctr",
        Restart = new RestartSpec(RestartPolicyKind.Always),
        Sandbox = new SandboxSpec
        {
            Name = "web-1",
            Root = new RootSpec(RootKind.Directory, "/srv/root", true, false, null, null, []),
            Namespaces = new NamespaceSet(),
            Command = ["/bin/httpd", "-f"],
            Env = ["LANG=C.UTF-8"],
            Rlimits = [new RlimitSpec(RlimitResource.Nofile, 1024, 4096)],
            Networks = [new NetworkAttachment("web0", "eth0", null, ["10.88.0.2/24"], [new RouteSpec("default", "10.88.0.1")])],
        },
    };
}
