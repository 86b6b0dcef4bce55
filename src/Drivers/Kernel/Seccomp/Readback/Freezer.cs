using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// The freezer of cgroup v1: what it froze stops for no tracer before it is thawed. (What cgroup v2 froze does, and stays
/// frozen.)
/// </summary>
internal sealed class Freezer : IDisposable
{
    private readonly DirectoryReader? _root;

    public Freezer()
    {
        _root = MountInfo.Reachable(MountInfo.Parse(ProcText.Read("self/mountinfo") ?? ""))
            .FirstOrDefault(static m => m is { FileSystem: "cgroup", Root: "/" } && m.SuperOptions.Contains("freezer")) is { } mount
            ? new DirectoryReader(mount.Path, Resolve.Beneath)
            : null;
    }

    public bool Holds(int pid) =>
        _root is not null
        && PathIn(ProcText.Read(string.Create(CultureInfo.InvariantCulture, $"{pid}/cgroup")) ?? "") is { } path
        && _root.Read($"{path}freezer.state") is { } state && !state.StartsWith("THAWED", StringComparison.Ordinal);

    public void Dispose() => _root?.Dispose();

    /// <summary>The path in the freezer's hierarchy by /proc/PID/cgroup, ending in a slash unless it is the root; null where there is none.</summary>
    internal static string? PathIn(string text)
    {
        foreach (var line in text.Split('\n'))
            // 5:freezer:/a/b
            if (line.Split(':', 3) is [_, var controllers, ['/', .. var path]] && controllers.Split(',').Contains("freezer"))
                return path.Length == 0 ? "" : path + "/";
        return null;
    }
}
