using System.Globalization;
using Provision.Kernel.Runtime;

namespace Provision.Cli.Oci;

/// <summary>Sockets that a service manager opened for whoever runs the runtime: the container's from there on (sd_listen_fds(3)).</summary>
internal static class OciSockets
{
    private const string Count = "LISTEN_FDS", Names = "LISTEN_FDNAMES";

    /// <summary>How many of the descriptors after those kept were handed over: of those announced, the ones that are open.</summary>
    public static int Handed(int kept)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(Count), NumberStyles.None, CultureInfo.InvariantCulture, out var announced) || announced is 0 or > 1023)
            return 0;
        const int first = 3;
        return RuntimeProcess.Missing(kept + announced) is { } missing ? Math.Max(0, missing - first - kept) : announced;
    }

    /// <summary>An environment that tells them to process 1 of the container.</summary>
    public static IReadOnlyList<string> Told(IReadOnlyList<string> environment, int handed)
    {
        if (handed == 0)
            return environment;
        List<string> all = [.. environment, string.Create(CultureInfo.InvariantCulture, $"{Count}={handed}"), "LISTEN_PID=1"];
        if (Environment.GetEnvironmentVariable(Names) is { Length: > 0 } names)
            all.Add($"{Names}={names}");
        return all;
    }
}
