using System.Net.Sockets;
using System.Text;

namespace Provision.Kernel;

/// <summary>Tells a service manager how we are, sd_notify(3): one datagram to NOTIFY_SOCKET.</summary>
public static class ServiceNotify
{
    /// <summary>Sends <c>READY=1</c>, <c>WATCHDOG=1</c>, <c>STOPPING=1</c>, <c>STATUS=…</c> (several joined by newlines).</summary>
    /// <param name="socketPath">The value of NOTIFY_SOCKET: a path, or an abstract name after <c>@</c>; null or
    /// empty when there is no manager.</param>
    /// <returns>False when there is no manager. Throws <see cref="SocketException"/> when it cannot be reached.</returns>
    public static bool Send(string? socketPath, string state)
    {
        if (string.IsNullOrEmpty(socketPath))
            return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var address = socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath;
        socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address));
        return true;
    }
}
