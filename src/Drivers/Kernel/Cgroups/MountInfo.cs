using System.Collections.Immutable;
using System.Text;

namespace Provision.Kernel;

/// <summary>One mount, proc_pid_mountinfo(5).</summary>
/// <param name="Root">The directory of the file system that is mounted: <c>/</c> for the whole.</param>
/// <param name="Path">Where it is mounted.</param>
/// <param name="FileSystem">The type: <c>cgroup2</c>.</param>
/// <param name="SuperOptions">Options of the file system itself; cgroup v1 names its controllers here.</param>
public sealed record Mount(string Root, string Path, string FileSystem, ImmutableArray<string> SuperOptions);

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
            mounts.Add(new Mount(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], [.. fields[dash + 3].Split(',')]));
        }

        return mounts.ToImmutable();
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
