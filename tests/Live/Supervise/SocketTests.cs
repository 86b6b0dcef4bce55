using System.Net.Sockets;
using System.Text;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Callers who say what they should not.</summary>
public sealed class SocketTests : IDisposable
{
    private readonly SupervisorBench _bench = new();
    private readonly int _pid;

    public SocketTests() => _pid = _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Socket_OfASupervisor_IsRootsAlone()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_bench.Paths.Directory));
        var other = Command.Run("setpriv", ["--reuid=65534", "--clear-groups", "/bin/busybox", "ls", _bench.Paths.Directory]);
        Assert.NotEqual(0, other.ExitCode);
    }

    [RootFact]
    public void Messages_ThatAreNone_EndTheirConnectionAndNothingElse()
    {
        // One connected caller keeps the supervisor from ending for want of containers.
        using var keeper = Connect();
        foreach (var bytes in (byte[][])[[0, 0, 0, 0], [255, 255, 255, 255, 1], [1, 0, 16, 0], Frames.Of("nonsense"u8), Frames.Of("null"u8), Frames.Of(Encoding.UTF8.GetBytes(new string('[', 100_000)))])
        {
            using var caller = Connect();
            caller.Send(bytes);
            caller.Shutdown(SocketShutdown.Send);
            Drain(caller);
        }

        Assert.Equal(_pid, _bench.Ask(new Request { Verb = Verb.Hello }).Pid);
    }

    [RootFact]
    public void Messages_ThousandsWithoutReadingAnAnswer_AreSurvived()
    {
        using var keeper = Connect();
        using var caller = Connect();
        caller.SendTimeout = 1000;
        var many = Enumerable.Range(0, 200).SelectMany(static _ => Frames.Of("{}"u8)).ToArray();
        try
        {
            for (var i = 0; i < 20; i++)
                caller.Send(many);
        }
        catch (SocketException)
        {
            // Full, or hung up upon.
        }

        Assert.Equal(_pid, _bench.Ask(new Request { Verb = Verb.Hello }).Pid);
    }

    [RootTheory]
    [InlineData(Verb.Start)]
    [InlineData(Verb.Stop)]
    [InlineData(Verb.Restart)]
    [InlineData(Verb.Remove)]
    [InlineData(Verb.Update)]
    [InlineData(Verb.SetInterface)]
    public void Requests_ForAContainerThatIsNot_AreAnsweredWithAnError(Verb verb)
    {
        Assert.Equal(Errno.ENOENT, _bench.Ask(new Request { Verb = verb, Name = "nobody" }).Error!.Errno);
    }

    [RootTheory]
    [InlineData("../../etc", "x/../../etc.ctr")]
    [InlineData("web", "provision/other.ctr")]
    [InlineData("web", "../web.ctr")]
    [InlineData("", "x/.ctr")]
    public void Start_WithAnOrderThatPointsElsewhere_IsRefused(string name, string cgroup)
    {
        var order = _bench.Order("good", "true") with { Name = name, Cgroup = cgroup };

        Assert.NotNull(_bench.Ask(new Request { Verb = Verb.Start, Order = order }).Error);
    }

    [RootFact]
    public void Requests_WithNullsAndNumbersWithoutBound_AreAnsweredWithAnError()
    {
        using var keeper = Connect();
        var order = System.Text.Json.Nodes.JsonNode.Parse(SuperviseJson.Text(_bench.Order("web", "true")))!;
        var texts = new List<string> { """{"verb":"Start","order":{"name":null}}""", """{"verb":"Update","name":"web","part":"Stop","order":{}}""" };
        foreach (var (path, value) in ((string, System.Text.Json.Nodes.JsonNode?)[])
                 [
                     ("name", null), ("sandbox", null), ("restart", null), ("cgroup", null),
                     ("stop", new System.Text.Json.Nodes.JsonObject { ["timeoutMilliseconds"] = long.MaxValue }),
                     ("restart", new System.Text.Json.Nodes.JsonObject { ["policy"] = "Always", ["resetAfterMilliseconds"] = long.MaxValue }),
                 ])
        {
            var broken = order.DeepClone();
            broken[path] = value;
            texts.Add($$"""{"verb":"Start","name":"web","order":{{broken.ToJsonString()}}}""");
        }

        foreach (var text in texts)
        {
            using var caller = Connect();
            caller.Send(Frames.Of(Encoding.UTF8.GetBytes(text)));
            caller.Shutdown(SocketShutdown.Send);
            Assert.Contains("\"error\":", Drain(caller));
        }

        Assert.Equal(_pid, _bench.Ask(new Request { Verb = Verb.Hello }).Pid);
    }

    [RootFact]
    public void Callers_OfAnotherUser_AreHungUpOnThoughTheyReachTheSocket()
    {
        const string ask = """
            import os, socket, struct, sys
            s = socket.socket(socket.AF_UNIX)
            if int(sys.argv[2]): os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
            s.connect(sys.argv[1])
            try:
                s.sendall(struct.pack('<I', 16) + b'{"verb":"Hello"}')
                print(len(s.recv(100)) > 0)
            except (ConnectionResetError, BrokenPipeError):
                print(False)
            """;
        using var keeper = Connect();
        foreach (var directory in (string[])[_bench.Paths.RunDirectory, _bench.Paths.Directory])
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(_bench.Paths.Socket, (UnixFileMode)0b110_110_110);

        Assert.Equal("True\n", Command.Run("python3", ["-c", ask, _bench.Paths.Socket, "0"]).Succeeded().Out);
        Assert.Equal("False\n", Command.Run("python3", ["-c", ask, _bench.Paths.Socket, "65534"]).Succeeded().Out);
        Assert.Equal(_pid, _bench.Ask(new Request { Verb = Verb.Hello }).Pid);
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_bench.Paths.Socket));
        return socket;
    }

    private static string Drain(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            for (int got; (got = socket.Receive(buffer)) > 0;)
                all.Write(buffer, 0, got);
        }
        catch (SocketException)
        {
            // Reset: it was hung up with bytes of ours unread.
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }
}
