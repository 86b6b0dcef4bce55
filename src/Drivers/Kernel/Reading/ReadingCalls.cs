namespace Provision.Kernel.Reading;

/// <summary>System calls by what the reading filter does with them whatever their arguments.</summary>
internal static class ReadingCalls
{
    public const string Files =
        """
        read readv pread64 preadv preadv2 lseek close close_range dup dup2 dup3 stat lstat fstat newfstatat statx access
        faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd statfs fstatfs statmount listmount getxattr lgetxattr
        fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat fadvise64 readahead inotify_init1 inotify_add_watch
        inotify_rm_watch
        """;

    /// <summary>To what is open: standard output and error, and the file of <c>--out</c>.</summary>
    public const string Output = "write writev pwrite64 pwritev pwritev2 fsync fdatasync";

    public const string Waiting =
        """
        poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd2 pipe2 futex futex_wait
        futex_wake futex_requeue futex_waitv sched_yield nanosleep clock_nanosleep restart_syscall wait4 waitid
        """;

    public const string Memory = "mmap munmap mprotect mremap brk mincore mlock munlock mbind get_mempolicy set_mempolicy membarrier";

    public const string Threads =
        """
        set_robust_list get_robust_list rseq set_tid_address arch_prctl sched_getaffinity sched_getparam sched_getscheduler
        sched_get_priority_max sched_get_priority_min getcpu exit exit_group rt_sigaction rt_sigprocmask rt_sigreturn
        rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack
        """;

    public const string Facts =
        """
        gettid getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgid getpgrp getsid capget uname
        sysinfo getrusage getrlimit times time gettimeofday clock_gettime clock_getres getrandom
        """;

    /// <summary>Of netlink sockets: no others can be made.</summary>
    public const string Sockets = "bind getsockname getpeername setsockopt getsockopt recvfrom recvmsg";

    /// <summary>
    /// What changes something, so that only a defect calls it: the process is killed. What stands neither here nor above is
    /// refused too, with ENOSYS: C libraries then do without it, and no reader takes it for an answer.
    /// </summary>
    public const string Changes =
        """
        creat mkdir mkdirat rmdir unlink rename renameat2 link linkat symlink symlinkat mknod mknodat truncate ftruncate fallocate
        chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat file_setattr
        setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
        mount umount2 pivot_root chroot move_mount mount_setattr fsopen fspick fsconfig fsmount open_tree open_tree_attr
        execve execveat unshare ptrace process_vm_writev process_madvise process_mrelease
        rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal
        init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl quotactl_fd
        sethostname setdomainname settimeofday clock_settime clock_adjtime adjtimex syslog vhangup iopl ioperm
        keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register perf_event_open fanotify_init fanotify_mark
        """;
}
