using System.Globalization;
using System.Net.Sockets;
using Provision.Kernel;

namespace Provision.Cli.Agent;

/// <summary>sd_notify(3) for the agent: readiness, stopping, and the watchdog while looks keep ending.</summary>
internal sealed class ServiceManager(string? socket, string? watchdogMicroseconds, TimeProvider time)
{
    private long _alive;

    /// <summary>Half of WATCHDOG_USEC, as sd_watchdog_enabled(3) recommends; null when there is no watchdog.</summary>
    public TimeSpan? WatchdogInterval { get; } =
        long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var micros) && micros > 0
            ? TimeSpan.FromMicroseconds(micros / 2)
            : null;

    public void Ready() => Tell("READY=1\nSTATUS=reconciling");

    public void Stopping() => Tell("STOPPING=1");

    /// <summary>The main loop came round.</summary>
    public void Alive() => Volatile.Write(ref _alive, time.GetTimestamp());

    /// <summary>Pats the watchdog as long as the main loop came round within the last interval.</summary>
    public async Task RunWatchdog(Action wake, CancellationToken cancel)
    {
        if (WatchdogInterval is not { } interval)
            return;
        using var timer = new PeriodicTimer(interval / 2, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            if (time.GetElapsedTime(Volatile.Read(ref _alive)) < interval)
                Tell("WATCHDOG=1");
            wake();
        }
    }

    // A manager that cannot be reached is no reason to stop keeping the host.
    private void Tell(string state)
    {
        try
        {
            ServiceNotify.Send(socket, state);
        }
        catch (SocketException)
        {
        }
    }
}
