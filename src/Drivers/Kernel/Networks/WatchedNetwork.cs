using System.Diagnostics;
using Provision.Kernel.Netlink;

namespace Provision.Kernel.Networks;

/// <summary>One network namespace that is listened to.</summary>
/// <param name="life">The process whose end ends the watch; null when nothing does.</param>
internal sealed class WatchedNetwork(string name, NetlinkSocket socket, Fd? life) : IDisposable
{
    // Some in a row are told at once (a repair and what it brings about); then one each Quiet.
    private const int AtOnce = 5;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private double _told;
    private long _last = Stopwatch.GetTimestamp();

    public string Name => name;

    public NetlinkSocket Socket => socket;

    public Fd? Life => life;

    /// <summary>Already out of the list: what is still to come about it counts for nothing.</summary>
    public bool IsOver { get; private set; }

    /// <summary>How long it is not to be listened to yet; what comes meanwhile waits in the socket.</summary>
    public TimeSpan Silence => Quiet - Stopwatch.GetElapsedTime(_last);

    /// <summary>It was told of once more; true when it is to be silent now.</summary>
    public bool Told()
    {
        _told = Math.Max(_told - (Stopwatch.GetElapsedTime(_last) / Quiet), 0) + 1;
        _last = Stopwatch.GetTimestamp();
        return _told > AtOnce;
    }

    public void Dispose()
    {
        IsOver = true;
        socket.Dispose();
        life?.Dispose();
    }
}
