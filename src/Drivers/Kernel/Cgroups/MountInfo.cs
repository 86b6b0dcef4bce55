using System.Collections.Immutable;
using System.Text;

namespace Provision.Kernel;

/// <summary>One mount, proc_pid_mountinfo(5).</summary>
/// <param name="Root">The directory of the file system that is mounted: <c>/</c> for the whole.</param>
/// <param name="Path">Where it is mounted.</param>
/// <param name="FileSystem">The type: <c>cgroup2</c>.</param>
/// <param name="SuperOptions">Options of the file system itself; cgroup v1 names its controllers here.</param>
public sealed record Mount(string Root, string Path, string FileSystem, ImmutableArray<string> SuperOptions)
{
    public string Id { get; init; } = "";

    /// <summary>The file system's device number: <c>98:0</c>. The same wherever it is mounted.</summary>
    public string Device { get; init; } = "";

    /// <summary>The mount that it is mounted on; not listed for the root of what the reader sees.</summary>
    public string Parent { get; init; } = "";

    /// <summary>The mount, or the whole file system, takes no writes.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>Parser of /proc/PID/mountinfo: text in, mounts out; lines it cannot read are left out.</summary>
public static class MountInfo
{
    public static ImmutableArray<Mount> Parse(string text)
    {
        var mounts = ImmutableArray.CreateBuilder<Mount>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 36 35 98:0 /root /path options [tags…] - type source super-options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4)
                continue;
            mounts.Add(new Mount(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], [.. fields[dash + 3].Split(',')])
            {
                Id = fields[0],
                Parent = fields[1],
                Device = fields[2],
                ReadOnly = fields[5].Split(',').Contains("ro") || fields[dash + 3].Split(',').Contains("ro"),
            });
        }

        return mounts.ToImmutable();
    }

    /// <summary>Those of the mounts that a look-up of their path ends on; what others are mounted over is left out.</summary>
    public static IEnumerable<Mount> Reachable(ImmutableArray<Mount> mounts)
    {
        var listed = mounts.Select(static m => m.Id).ToHashSet(StringComparer.Ordinal);
        var on = new Dictionary<(string Parent, string Path), Mount>();
        foreach (var mount in mounts)
            // Without a listed parent it hangs on the root, which need not be a mount (chroot).
            on[(mount.Parent != mount.Id && listed.Contains(mount.Parent) ? mount.Parent : "", mount.Path)] = mount;
        return mounts.Where(m => Ends(m.Path) == m.Id);

        string Ends(string path)
        {
            var at = "";
            for (var cut = 0; cut >= 0 && cut <= path.Length; cut = cut == path.Length ? -1 : path.IndexOf('/', cut + 1) is var next && next < 0 ? path.Length : next)
                // Several can be stacked on one directory.
                while (on.TryGetValue((at, cut == 0 ? "/" : path[..cut]), out var mount) && mount.Id != at)
                    at = mount.Id;
            return at;
        }
    }

    /// <summary>Space, tab, newline and backslash come as three octal digits after a backslash.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\'))
            return text;
        var bytes = Encoding.UTF8.GetBytes(text);
        var plain = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == '\\' && i + 3 < bytes.Length && Octal(bytes.AsSpan(i + 1, 3)) is { } value)
            {
                plain.Add(value);
                i += 3;
            }
            else
            {
                plain.Add(bytes[i]);
            }

        return Encoding.UTF8.GetString([.. plain]);
    }

    private static byte? Octal(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            value = (value * 8) + (digit - '0');
        }

        return value <= byte.MaxValue ? (byte)value : null;
    }
}
