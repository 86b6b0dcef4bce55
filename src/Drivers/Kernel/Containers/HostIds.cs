using System.Globalization;

namespace Provision.Kernel.Containers;

/// <summary>The ids of the reader's user namespace behind those of a process's (/proc/PID/uid_map, user_namespaces(7)).</summary>
internal static class HostIds
{
    /// <summary>Of a process; the id itself when its map cannot be read.</summary>
    /// <param name="map"><c>uid_map</c> or <c>gid_map</c>.</param>
    public static uint Of(int pid, string map, uint inside)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{map}"), Libc.O_RDONLY);
        if (file is null)
            return inside;
        using (file)
            return Sys.ReadAll(file).Text is { } text ? In(text, inside) : inside;
    }

    /// <summary>From the text of a map; the id itself when it is not mapped.</summary>
    internal static uint In(string text, uint inside)
    {
        foreach (var line in text.Split('\n'))
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, var host, var count]
                && uint.TryParse(first, CultureInfo.InvariantCulture, out var from) && uint.TryParse(host, CultureInfo.InvariantCulture, out var to)
                && uint.TryParse(count, CultureInfo.InvariantCulture, out var length) && inside >= from && inside - from < length)
                return to + (inside - from);
        return inside;
    }
}
