namespace Provision.Kernel.Launch;

/// <summary>A system call by name, with its number on each architecture (asm/unistd_64.h, asm-generic/unistd.h).</summary>
public sealed record SystemCall(string Name, int X64, int Arm64)
{
    public static readonly SystemCall Read = new("read", 0, 63);
    public static readonly SystemCall Write = new("write", 1, 64);
    public static readonly SystemCall Close = new("close", 3, 57);
    public static readonly SystemCall SigAction = new("rt_sigaction", 13, 134);
    public static readonly SystemCall SigProcMask = new("rt_sigprocmask", 14, 135);
    public static readonly SystemCall Ioctl = new("ioctl", 16, 29);
    public static readonly SystemCall GetPid = new("getpid", 39, 172);
    public static readonly SystemCall Socket = new("socket", 41, 198);
    public static readonly SystemCall SendMsg = new("sendmsg", 46, 211);
    public static readonly SystemCall Execve = new("execve", 59, 221);
    public static readonly SystemCall Kill = new("kill", 62, 129);
    public static readonly SystemCall Fcntl = new("fcntl", 72, 25);
    public static readonly SystemCall Chdir = new("chdir", 80, 49);
    public static readonly SystemCall Fchdir = new("fchdir", 81, 50);
    public static readonly SystemCall Fchmod = new("fchmod", 91, 52);
    public static readonly SystemCall Fchown = new("fchown", 93, 55);
    public static readonly SystemCall Umask = new("umask", 95, 166);
    public static readonly SystemCall SetSid = new("setsid", 112, 157);
    public static readonly SystemCall SetGroups = new("setgroups", 116, 159);
    public static readonly SystemCall SetResUid = new("setresuid", 117, 147);
    public static readonly SystemCall SetResGid = new("setresgid", 119, 149);
    public static readonly SystemCall CapSet = new("capset", 126, 91);
    public static readonly SystemCall SetPriority = new("setpriority", 141, 140);
    public static readonly SystemCall PivotRoot = new("pivot_root", 155, 41);
    public static readonly SystemCall Prctl = new("prctl", 157, 167);
    public static readonly SystemCall Mount = new("mount", 165, 40);
    public static readonly SystemCall Umount2 = new("umount2", 166, 39);
    public static readonly SystemCall SetXattr = new("setxattr", 188, 5);
    public static readonly SystemCall SetHostname = new("sethostname", 170, 161);
    public static readonly SystemCall SchedSetAffinity = new("sched_setaffinity", 203, 122);
    public static readonly SystemCall SetDomainname = new("setdomainname", 171, 162);
    public static readonly SystemCall KeyCtl = new("keyctl", 250, 219);
    public static readonly SystemCall OpenAt = new("openat", 257, 56);
    public static readonly SystemCall MkdirAt = new("mkdirat", 258, 34);
    public static readonly SystemCall MknodAt = new("mknodat", 259, 33);
    public static readonly SystemCall FchownAt = new("fchownat", 260, 54);
    public static readonly SystemCall SymlinkAt = new("symlinkat", 266, 36);
    public static readonly SystemCall FaccessAt = new("faccessat", 269, 48);
    public static readonly SystemCall Unshare = new("unshare", 272, 97);
    public static readonly SystemCall Dup3 = new("dup3", 292, 24);
    public static readonly SystemCall Prlimit = new("prlimit64", 302, 261);
    public static readonly SystemCall SetNs = new("setns", 308, 268);
    public static readonly SystemCall Seccomp = new("seccomp", 317, 277);
    public static readonly SystemCall OpenTree = new("open_tree", 428, 428);
    public static readonly SystemCall MoveMount = new("move_mount", 429, 429);
    public static readonly SystemCall FsOpen = new("fsopen", 430, 430);
    public static readonly SystemCall FsConfig = new("fsconfig", 431, 431);
    public static readonly SystemCall FsMount = new("fsmount", 432, 432);
    public static readonly SystemCall Clone3 = new("clone3", 435, 435);
    public static readonly SystemCall CloseRange = new("close_range", 436, 436);
    public static readonly SystemCall OpenAt2 = new("openat2", 437, 437);
    public static readonly SystemCall MountSetAttr = new("mount_setattr", 442, 442);

    /// <summary>Every call that programs use.</summary>
    public static IReadOnlyList<SystemCall> All { get; } =
    [
        Read, Write, Close, SigAction, SigProcMask, Ioctl, GetPid, Socket, SendMsg, Execve, Kill, Fcntl, Chdir, Fchdir, Fchmod, Fchown, Umask, SetSid, SetXattr,
        SetGroups, SetResUid, SetResGid, CapSet, SetPriority, SchedSetAffinity, PivotRoot, Prctl, Mount, Umount2, SetHostname, SetDomainname, KeyCtl, OpenAt, MkdirAt, MknodAt,
        FchownAt, SymlinkAt, FaccessAt, Unshare, Dup3, Prlimit, SetNs, Seccomp, OpenTree, MoveMount, FsOpen, FsConfig, FsMount, Clone3,
        CloseRange, OpenAt2, MountSetAttr,
    ];

    public int Number(bool arm64) => arm64 ? Arm64 : X64;
}
