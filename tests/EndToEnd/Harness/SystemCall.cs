using System.Text.RegularExpressions;

namespace Provision.EndToEnd;

/// <summary>One line of strace's output: which system call, with what, and what came back.</summary>
internal sealed partial record SystemCall(string Name, string Arguments, string Result)
{
    private static readonly HashSet<string> AlwaysMutating =
    [
        "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
        "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setxattrat", "removexattrat",
        "mount", "umount2", "move_mount", "mount_setattr", "fsmount", "open_tree", "pivot_root", "chroot",
        "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "mknod", "mknodat",
        "truncate", "ftruncate", "unshare", "setns", "init_module", "finit_module", "delete_module", "sethostname", "execve", "execveat",
    ];

    /// <summary>The calls of a trace (<c>strace -f -o FILE</c>); those that were interrupted and resumed are put together.</summary>
    public static IEnumerable<SystemCall> Parse(IEnumerable<string> lines)
    {
        var unfinished = new Dictionary<(string Pid, string Name), string>();
        foreach (var line in lines)
        {
            if (Unfinished().Match(line) is { Success: true } start)
            {
                unfinished[(start.Groups["pid"].Value, start.Groups["name"].Value)] = start.Groups["arguments"].Value;
                continue;
            }

            var before = "";
            var match = Resumed().Match(line);
            if (match.Success)
                unfinished.Remove((match.Groups["pid"].Value, match.Groups["name"].Value), out before);
            else
                match = Whole().Match(line);
            if (match.Success)
                yield return new SystemCall(match.Groups["name"].Value, before + match.Groups["arguments"].Value, match.Groups["result"].Value);
        }
    }

    /// <summary>
    /// True for a call that succeeded in changing files, mounts, namespaces, links or cgroups, or tried to. A kill of signal 0, reads
    /// and dumps are none; neither is a file opened for writing that is a device or a stream (/dev/null, a pty).
    /// </summary>
    public bool Mutates => Name switch
    {
        _ when IsQuestion => false,
        _ when AlwaysMutating.Contains(Name) => true,
        "open" or "openat" or "openat2" => OpensForWriting().IsMatch(Arguments) && !Arguments.Contains("\"/dev/", StringComparison.Ordinal),
        "creat" => true,
        "bpf" => !BpfReads().IsMatch(Arguments),
        "sendto" or "sendmsg" or "sendmmsg" or "write" or "writev" => NetlinkChange().IsMatch(Arguments),
        "kill" or "tkill" or "tgkill" or "pidfd_send_signal" => !Arguments.EndsWith(", 0", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Whether the kernel has the call: asked with arguments that it refuses (no descriptor has the number −1).</summary>
    public bool IsQuestion => NoObject().IsMatch(Arguments) && Refused().IsMatch(Result);

    public override string ToString() => $"{Name}({Arguments}) = {Result}";

    [GeneratedRegex(@"^(-1|NULL|1, 0)\b")]
    private static partial Regex NoObject();

    [GeneratedRegex(@"^-1 (EBADF|EINVAL|EFAULT|E2BIG) ")]
    private static partial Regex Refused();

    [GeneratedRegex(@"^(?<pid>\d+)\s+(?<name>\w+)\((?<arguments>.*) <unfinished \.\.\.>$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(?<pid>\d+)\s+<\.\.\. (?<name>\w+) resumed>(?<arguments>.*)\)\s+= (?<result>.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?:\d+\s+)?(?<name>\w+)\((?<arguments>.*)\)\s+= (?<result>.*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")]
    private static partial Regex OpensForWriting();

    [GeneratedRegex(@"^BPF_(PROG_QUERY|PROG_GET_NEXT_ID|PROG_GET_FD_BY_ID|OBJ_GET_INFO_BY_FD)\b")]
    private static partial Regex BpfReads();

    [GeneratedRegex(@"nlmsg_type=(RTM_(NEW|DEL|SET)\w+|0x\w+)")]
    private static partial Regex NetlinkChange();
}
