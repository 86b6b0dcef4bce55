using System.Globalization;

namespace Provision.Kernel;

/// <summary>What may be done with a device; values of BPF_DEVCG_ACC_* (linux/bpf.h).</summary>
[Flags]
public enum DeviceAccess
{
    None = 0,
    Mknod = 1,
    Read = 2,
    Write = 4,
    All = Mknod | Read | Write,
}

/// <summary>One device, or a class of devices, that a cgroup may use.</summary>
/// <param name="Major">Null: every major number.</param>
/// <param name="Minor">Null: every minor number.</param>
public sealed record DeviceRule(bool Block, uint? Major, uint? Minor, DeviceAccess Access)
{
    /// <summary><c>c 1:3 rwm</c>, as devices.allow takes and devices.list shows it.</summary>
    public override string ToString() => $"{Device} {AccessText(Access)}";

    /// <summary>The rule without its access: <c>c 136:*</c>. Rules are told apart by it.</summary>
    public string Device => $"{(Block ? 'b' : 'c')} {Number(Major)}:{Number(Minor)}";

    /// <summary>True when everything that the other rule allows is allowed by this one.</summary>
    public bool Covers(DeviceRule other) =>
        Block == other.Block && (Major is null || Major == other.Major) && (Minor is null || Minor == other.Minor)
        && (other.Access & ~Access) == 0;

    public static string AccessText(DeviceAccess access) =>
        $"{(access.HasFlag(DeviceAccess.Read) ? "r" : "")}{(access.HasFlag(DeviceAccess.Write) ? "w" : "")}{(access.HasFlag(DeviceAccess.Mknod) ? "m" : "")}";

    /// <summary>Letters r, w, m in any order; null for anything else.</summary>
    public static DeviceAccess? ParseAccess(string text)
    {
        var access = DeviceAccess.None;
        foreach (var letter in text)
            switch (letter)
            {
                case 'r': access |= DeviceAccess.Read; break;
                case 'w': access |= DeviceAccess.Write; break;
                case 'm': access |= DeviceAccess.Mknod; break;
                default: return null;
            }

        return access;
    }

    /// <summary>A line of devices.list of the form <c>c 1:3 rwm</c>; null when it is not one.</summary>
    public static DeviceRule? Parse(string line)
    {
        var parts = line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 4 || parts[0] is not ("b" or "c") || ParseAccess(parts[3]) is not { } access)
            return null;
        return Wildcard(parts[1], out var major) && Wildcard(parts[2], out var minor)
            ? new DeviceRule(parts[0] == "b", major, minor, access)
            : null;
    }

    /// <summary>Rules for the same device joined, sorted by device: a set in its one form.</summary>
    public static IEnumerable<DeviceRule> Normal(IEnumerable<DeviceRule> rules) =>
        rules.GroupBy(static r => r.Device)
            .Select(static g => g.First() with { Access = g.Aggregate(DeviceAccess.None, static (all, r) => all | r.Access) })
            .Where(static r => r.Access != DeviceAccess.None)
            .OrderBy(static r => r.Device, StringComparer.Ordinal);

    private static bool Wildcard(string text, out uint? number)
    {
        number = null;
        if (text == "*")
            return true;
        if (!uint.TryParse(text, CultureInfo.InvariantCulture, out var value))
            return false;
        number = value;
        return true;
    }

    private static string Number(uint? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "*";
}
