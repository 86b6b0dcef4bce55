using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>A layer that confines processes: whether this kernel has it on, and how that was looked for.</summary>
public sealed record SecurityLayer(bool On, string Look);

/// <summary>The layers that confine processes on this host. Read only, from what the kernel shows.</summary>
public static class SecurityLayers
{
    public const string Seccomp = "seccomp", Selinux = "selinux", AppArmor = "apparmor", Landlock = "landlock", Devices = "devices";

    private const string Lsms = "/sys/kernel/security/lsm", Actions = "/proc/sys/kernel/seccomp/actions_avail";
    private const long LandlockCreateRuleset = 444, LandlockVersion = 1;

    public static ImmutableArray<string> Names { get; } = [Seccomp, Selinux, AppArmor, Landlock, Devices];

    /// <summary>All by name.</summary>
    public static ImmutableSortedDictionary<string, SecurityLayer> Read(CgroupLayout layout)
    {
        var lsms = Text(Lsms)?.Split([',', '\n', ' '], StringSplitOptions.RemoveEmptyEntries);
        var list = lsms is null ? $"{Lsms} cannot be read" : $"{Lsms} has {string.Join(',', lsms)}";
        return new Dictionary<string, SecurityLayer>
        {
            [Seccomp] = SeccompOf(Text(Actions)),
            [Selinux] = Module(Selinux, Text("/proc/filesystems")?.Contains("selinuxfs", StringComparison.Ordinal) == true, "selinuxfs in /proc/filesystems"),
            [AppArmor] = Module(AppArmor, Text("/sys/module/apparmor/parameters/enabled")?.StartsWith('Y') == true, "Y in /sys/module/apparmor/parameters/enabled"),
            [Landlock] = Ask(),
            [Devices] = DevicesOf(layout),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

        // The list alone would do; where securityfs is not mounted only the module's own sign is left.
        SecurityLayer Module(string name, bool sign, string what) =>
            new(sign && lsms?.Contains(name) != false, $"{list}; {(sign ? "" : "no ")}{what}");
    }

    private static SecurityLayer SeccompOf(string? actions) => actions?.Contains("errno", StringComparison.Ordinal) == true
        ? new SecurityLayer(true, $"{Actions} has errno")
        : new SecurityLayer(false, $"{Actions} {(actions is null ? "cannot be read" : "has no errno")}");

    private static readonly Lazy<SecurityLayer> AskedLandlock = new(LandlockOf);

    /// <summary>Asks for Landlock, once a process: the reading filter refuses the call itself, and has this asked before it is worn.</summary>
    internal static SecurityLayer Ask() => AskedLandlock.Value;

    private static SecurityLayer LandlockOf()
    {
        var version = Libc.landlock(LandlockCreateRuleset, 0, 0, LandlockVersion);
        return version > 0
            ? new SecurityLayer(true, $"landlock_create_ruleset tells version {version}")
            : new SecurityLayer(false, $"landlock_create_ruleset: {Reconciler.ErrnoNames.Describe(Sys.LastError)}");
    }

    private static SecurityLayer DevicesOf(CgroupLayout layout) =>
        layout.Hierarchies.FirstOrDefault(static h => h.Controllers.Contains(Devices)) is { } v1
            ? new SecurityLayer(true, $"the devices controller is mounted at {v1.MountPoint}")
            : layout.Unified is { } unified
                ? new SecurityLayer(true, $"cgroup v2 is mounted at {unified.MountPoint}")
                : new SecurityLayer(false, "neither the devices controller nor cgroup v2 is mounted");

    private static string? Text(string path)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            return Sys.ReadAll(file).Text;
    }
}
