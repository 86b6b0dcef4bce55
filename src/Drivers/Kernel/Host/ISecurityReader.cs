using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Kernel;

/// <summary>How drivers see what confines processes on this host; it has no member that changes anything.</summary>
public interface ISecurityReader
{
    /// <summary>Every layer of <see cref="SecurityLayers.Names"/>.</summary>
    ImmutableSortedDictionary<string, SecurityLayer> Layers { get; }

    /// <summary>System calls that starting a container needs and this host lacks.</summary>
    ImmutableArray<MissingCall> MissingCalls { get; }

    /// <summary>The SELinux labels that processes of this host have, each once.</summary>
    IReadOnlySet<string> Labels();
}

/// <summary>This host's.</summary>
public sealed class SecurityReader(Func<CgroupLayout> cgroups) : ISecurityReader
{
    public ImmutableSortedDictionary<string, SecurityLayer> Layers => field ??= SecurityLayers.Read(cgroups());

    public ImmutableArray<MissingCall> MissingCalls => NeededCalls.Missing;

    /// <summary>/proc/PID/attr/FILE; null when the process is gone, or nothing labels it.</summary>
    internal static string? Label(int pid, string file)
    {
        var (opened, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/attr/{file}"), Libc.O_RDONLY);
        if (opened is null)
            return null;
        using (opened)
            return Sys.ReadAll(opened).Text?.TrimEnd('\0', '\n') is { Length: > 0 } label ? label : null;
    }

    public IReadOnlySet<string> Labels()
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        using var proc = new DirectoryReader("/proc", Resolve.Beneath);
        foreach (var name in proc.Visit("", [])?.Children ?? [])
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Label(pid, "current") is { } label)
                labels.Add(label);
        return labels;
    }
}
