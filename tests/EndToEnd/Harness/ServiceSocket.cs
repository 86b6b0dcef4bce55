using System.Net.Sockets;
using System.Text;

namespace Provision.EndToEnd;

/// <summary>The service manager's end of sd_notify(3): a datagram socket that remembers what it was told.</summary>
internal sealed class ServiceSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _told = [];

    public ServiceSocket(string path)
    {
        Path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>For NOTIFY_SOCKET.</summary>
    public string Path { get; }

    /// <summary>Every line told so far, in order.</summary>
    public IReadOnlyList<string> Told()
    {
        var buffer = new byte[4096];
        while (_socket.Available > 0 || _socket.Poll(0, SelectMode.SelectRead))
            _told.AddRange(Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return _told;
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }
}
