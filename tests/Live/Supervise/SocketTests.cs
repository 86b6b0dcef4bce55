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

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_bench.Paths.Socket));
        return socket;
    }

    private static void Drain(Socket socket)
    {
        var buffer = new byte[4096];
        try
        {
            while (socket.Receive(buffer) > 0)
                continue;
        }
        catch (SocketException)
        {
            // Reset: it was hung up with bytes of ours unread.
        }
    }
}
