namespace Provision.Kernel.Launch;

/// <summary>
/// CLONE_* of clone3(2) that a launch chooses (linux/sched.h). CLONE_VM, CLONE_VFORK, CLONE_PIDFD and CLONE_CLEAR_SIGHAND
/// are always there: the child shares memory until it executes, its starter waits that long, and a handler of the runtime
/// never runs in it.
/// </summary>
[Flags]
public enum CloneFlags : ulong
{
    None = 0,
    Files = 0x400,
    Parent = 0x8000,
    NewNs = 0x20000,
    NewCgroup = 0x02000000,
    NewUts = 0x04000000,
    NewIpc = 0x08000000,
    NewUser = 0x10000000,
    NewPid = 0x20000000,
    NewNet = 0x40000000,
    IntoCgroup = 0x2_0000_0000,
}

internal static class CloneFlagsText
{
    /// <summary><c>CLONE_NEWNS|CLONE_NEWPID</c>; 0 for none.</summary>
    public static string Of(CloneFlags flags) => flags == CloneFlags.None
        ? "0"
        : string.Join('|', Enum.GetValues<CloneFlags>()
            .Where(flag => flag != CloneFlags.None && flags.HasFlag(flag))
            .Select(static flag => flag == CloneFlags.IntoCgroup ? "CLONE_INTO_CGROUP" : "CLONE_" + flag.ToString().ToUpperInvariant()));
}
