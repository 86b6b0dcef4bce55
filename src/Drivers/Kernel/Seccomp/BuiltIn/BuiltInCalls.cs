namespace Provision.Kernel.Seccomp;

/// <summary>The calls of the built-in profile by what they are for; names that one architecture lacks do nothing there.</summary>
internal static class BuiltInCalls
{
    public const string Files =
        """
        open openat openat2 creat close close_range access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 newfstatat
        fstatat64 statx statfs statfs64 fstatfs fstatfs64 statmount listmount truncate truncate64 ftruncate ftruncate64 fallocate
        fadvise64 fadvise64_64 readahead link linkat symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2
        mkdir mkdirat rmdir mknod mknodat getdents getdents64 chdir fchdir getcwd umask name_to_handle_at
        chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32
        utime utimes utimensat utimensat_time64 futimesat
        getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
        listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
        """;

    public const string Descriptors =
        """
        read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek sendfile sendfile64 copy_file_range
        splice tee vmsplice sync syncfs fsync fdatasync sync_file_range dup dup2 dup3 pipe pipe2 fcntl fcntl64 flock ioctl
        select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
        eventfd eventfd2 signalfd signalfd4 memfd_create memfd_secret
        io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64
        """;

    public const string Memory =
        """
        brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages mseal
        pkey_alloc pkey_free pkey_mprotect map_shadow_stack membarrier cachestat process_mrelease
        """;

    public const string Processes =
        """
        fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid setpgid getpgrp getsid setsid
        pidfd_open pidfd_send_signal prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
        set_tid_address set_robust_list get_robust_list rseq set_thread_area get_thread_area restart_syscall uretprobe riscv_hwprobe
        futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue
        kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo rt_sigaction rt_sigpending rt_sigprocmask rt_sigsuspend rt_sigreturn
        rt_sigtimedwait rt_sigtimedwait_time64 sigprocmask sigreturn sigaltstack pause
        sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
        sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getcpu
        getrlimit ugetrlimit setrlimit prlimit64 getrusage
        """;

    // Changes of identity are the capabilities' to refuse.
    public const string Users =
        """
        getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
        getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
        setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset
        """;

    public const string Time =
        """
        time times gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
        clock_nanosleep_time64 nanosleep alarm getitimer setitimer adjtimex clock_adjtime clock_adjtime64
        timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
        timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 uname sysinfo getrandom
        """;

    // socket itself is allowed by family.
    public const string Sockets =
        """
        socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt shutdown
        send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 socketcall
        """;

    public const string Ipc =
        """
        ipc msgget msgsnd msgrcv msgctl semget semop semtimedop semtimedop_time64 semctl shmget shmat shmdt shmctl
        mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64
        """;
}
