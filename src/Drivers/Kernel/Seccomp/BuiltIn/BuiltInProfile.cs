using System.Collections.Immutable;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// The profile of a container that declares none. Its verdicts are those of Docker's default profile as runc loads it,
/// but for the calls of <see cref="Differences"/>.
/// </summary>
public static class BuiltInProfile
{
    // Every CLONE_NEW* of clone(2); the bit of CLONE_NEWTIME is part of the exit signal there.
    private const ulong NewNamespaces = 0x7E020000;

    // socket(2): AF_ALG (kernel crypto, a long history of holes) and AF_VSOCK (reaches the hypervisor, has no namespace).
    private const ulong Algorithms = 38, Kcm = 39, Vsock = 40;

    // personality(2): PER_LINUX, PER_LINUX32, UNAME26 with either, and the question which one it is. Others weaken
    // address space randomisation.
    private static readonly ulong[] Personalities = [0, 8, 0x20000, 0x20008, uint.MaxValue];

    /// <summary>Where a verdict is another than Docker's, and why; a test shows that there are no more.</summary>
    public static readonly ImmutableArray<(string Call, string Reason)> Differences =
    [
        ("socket", "the kernel takes 32 bits of the family and Docker's filter compares 64: there, socket(0x100000026, …) opens family 38, which it means to refuse"),
        ("personality", "the kernel takes 32 bits of the persona and Docker's filter compares 64: there, an allowed persona with a higher bit set is refused although it is the same one"),
    ];

    /// <summary>Compiles for every target without a capability or kernel of its own.</summary>
    public static SeccompProfile Profile { get; } = new()
    {
        DefaultAction = SeccompAction.Errno(SeccompAction.EPERM),
        ArchMap = [(SeccompArch.X86_64, [SeccompArch.X86, SeccompArch.X32]), (SeccompArch.Arm64, [SeccompArch.Arm])],
        Rules =
        [
            Allow(BuiltInCalls.Files),
            Allow(BuiltInCalls.Descriptors),
            Allow(BuiltInCalls.Memory),
            Allow(BuiltInCalls.Processes),
            Allow(BuiltInCalls.Users),
            Allow(BuiltInCalls.Time),
            Allow(BuiltInCalls.Sockets),
            Allow(BuiltInCalls.Ipc),
            // Before 4.8 a traced process could leave its filter.
            Allow("ptrace process_vm_readv process_vm_writev") with { Includes = RuleCondition.None with { MinKernel = new Version(4, 8) } },

            Allow("socket", Compare(Comparison.Less, Algorithms)),
            Allow("socket", Compare(Comparison.Equal, Kcm)),
            Allow("socket", Compare(Comparison.Greater, Vsock)),
            .. Personalities.Select(static p => Allow("personality", Compare(Comparison.Equal, p))),

            On("amd64", "arch_prctl modify_ldt"),
            On("arm64", "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),

            // Without CAP_SYS_ADMIN no new namespaces: clone's flags are seen, clone3's are not, and C libraries fall
            // back to clone where clone3 is not there.
            Without("CAP_SYS_ADMIN", Allow("clone", new ArgumentTest(0, Comparison.MaskedEqual, NewNamespaces, 0, SourceSpan.None))),
            Without("CAP_SYS_ADMIN", Rule("clone3", SeccompAction.Errno(SeccompAction.ENOSYS))),

            With("CAP_SYS_ADMIN",
                """
                bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
                lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
                sethostname setns syslog umount umount2 unshare
                """),
            With("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
            With("CAP_SYS_BOOT", "reboot"),
            With("CAP_SYS_CHROOT", "chroot"),
            With("CAP_SYS_MODULE", "init_module finit_module delete_module"),
            With("CAP_SYS_PACCT", "acct"),
            With("CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
            With("CAP_SYS_RAWIO", "iopl ioperm"),
            With("CAP_SYS_TIME", "settimeofday stime clock_settime clock_settime64"),
            With("CAP_SYS_TTY_CONFIG", "vhangup"),
            With("CAP_SYS_NICE", "get_mempolicy set_mempolicy set_mempolicy_home_node mbind"),
            With("CAP_SYSLOG", "syslog"),
            With("CAP_BPF", "bpf"),
            With("CAP_PERFMON", "perf_event_open"),
        ],
    };

    private static SeccompRule Rule(string names, SeccompAction action, params ImmutableArray<ArgumentTest> tests) => new(
        [.. names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static n => new SyscallName(n, SourceSpan.None))],
        action, tests, RuleCondition.None, RuleCondition.None, SourceSpan.None);

    private static SeccompRule Allow(string names, params ImmutableArray<ArgumentTest> tests) => Rule(names, SeccompAction.Allow, tests);

    private static ArgumentTest Compare(Comparison comparison, ulong value) => new(0, comparison, value, 0, SourceSpan.None);

    private static SeccompRule With(string capability, string names) =>
        Allow(names) with { Includes = RuleCondition.None with { Capabilities = Capability.Mask([capability]) } };

    private static SeccompRule Without(string capability, SeccompRule rule) =>
        rule with { Excludes = RuleCondition.None with { Capabilities = Capability.Mask([capability]) } };

    private static SeccompRule On(string arch, string names) =>
        Allow(names) with { Includes = RuleCondition.None with { Architectures = [arch] } };
}
