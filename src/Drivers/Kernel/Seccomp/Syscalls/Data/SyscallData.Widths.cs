// Written by scripts/syscall-tables.sh from Debian's Linux 7.2.13-1 headers.
namespace Provision.Kernel.Seccomp;

internal static partial class SyscallData
{
    /// <summary>Argument widths by call: i 32 bits, s 16 bits, l the whole register; what is left out is whole.</summary>
    public const string Widths =
        """
        _llseek illli _newselect i accept i accept4 illi access li add_key lllli alarm i arch_prctl i bind ili bpf
        ilili cachestat illi chmod ls chown lii clock_adjtime i clock_getres i clock_gettime i clock_nanosleep ii
        clock_settime i close i close_range iii connect ili copy_file_range ililli creat ls delete_module li dup i
        dup2 ii dup3 iii epoll_create i epoll_create1 i epoll_ctl iii epoll_pwait ilii epoll_pwait2 ili epoll_wait
        ilii eventfd i eventfd2 ii execveat illli exit i exit_group i faccessat ili faccessat2 ilii fadvise64 illi
        fadvise64_64 illi fallocate ii fanotify_init ii fanotify_mark iili fchdir i fchmod is fchmodat ils fchmodat2
        ilsi fchown iii fchownat iliii fcntl ii fcntl64 ii fdatasync i fgetxattr i file_getattr illli file_setattr
        illli finit_module ili flistxattr i flock ii fremovexattr i fsconfig iilli fsetxattr illli fsmount iii fsopen
        li fspick ili fstat i fstatat64 illi fstatfs i fstatfs64 i fsync i ftruncate i ftruncate64 i futex liilli
        futex_requeue liii futex_wait lllili futex_waitv liili futex_wake llii futimesat i get_robust_list i getdents
        ili getdents64 ili getgroups i getitimer i getpeername i getpgid i getpriority ii getrandom lli getrlimit i
        getrusage i getsid i getsockname i getsockopt iii getxattrat ili inotify_add_watch ili inotify_init1 i
        inotify_rm_watch ii io_setup i io_uring_enter iiii io_uring_register iili io_uring_setup i ioctl ii ioperm lli
        iopl i ioprio_get ii ioprio_set iii ipc ii kcmp iii kexec_file_load ii keyctl i kill ii landlock_add_rule iili
        landlock_create_ruleset lli landlock_restrict_self ii lchown lii linkat ilili listen ii listmount llli listns
        llli listxattrat ili lseek ili lsetxattr lllli lsm_get_self_attr illi lsm_list_modules lli lsm_set_self_attr
        ilii madvise lli map_shadow_stack lli mbind llllli membarrier iii memfd_create li memfd_secret i migrate_pages
        i mkdir ls mkdirat ils mknod lsi mknodat ilsi mlock2 lli mlockall i modify_ldt i mount_setattr ili move_mount
        ilili move_pages illlli mq_getsetattr i mq_notify i mq_open lis mq_timedreceive i mq_timedsend illi msgctl ii
        msgget ii msgrcv illli msgsnd illi msync lli name_to_handle_at illli newfstatat illi nice i open lis
        open_by_handle_at ili open_tree ili open_tree_attr ili openat ilis openat2 i perf_event_open liii personality
        i pidfd_getfd iii pidfd_open ii pidfd_send_signal iili pipe2 li pkey_free i pkey_mprotect llli poll lii ppoll
        li prctl i pread64 i preadv2 llllli prlimit64 ii process_madvise illii process_mrelease ii process_vm_readv i
        process_vm_writev i pselect6 i pwrite64 i pwritev2 llllli quotactl ili quotactl_fd iii read i readahead i
        readlink lli readlinkat illi reboot iii recv illi recvfrom illi recvmmsg ilii recvmsg ili removexattrat ili
        renameat ili renameat2 ilili request_key llli rseq liii rt_sigaction i rt_sigprocmask i rt_sigqueueinfo ii
        rt_tgsigqueueinfo iii sched_get_priority_max i sched_get_priority_min i sched_getaffinity ii sched_getattr
        ilii sched_getparam i sched_getscheduler i sched_rr_get_interval i sched_setaffinity ii sched_setattr ili
        sched_setparam i sched_setscheduler ii seccomp ii select i semctl iii semget iii semop ili semtimedop ili send
        illi sendfile ii sendfile64 ii sendmmsg ilii sendmsg ili sendto illili set_mempolicy i setdomainname li
        setfsgid i setfsuid i setgid i setgroups i sethostname li setitimer i setns ii setpgid ii setpriority iii
        setregid ii setresgid iii setresuid iii setreuid ii setrlimit i setsockopt iiili setuid i setxattr lllli
        setxattrat ili shmat ili shmctl ii shmget ili shutdown ii sigaction i signal i signalfd i signalfd4 illi
        sigprocmask i socket iii socketcall i socketpair iii splice ililli ssetmask i statmount llli statx ilii swapon
        li symlinkat li sync_file_range illi sync_file_range2 ii syncfs i sysfs i syslog ili tee iili tgkill iii
        timer_create i timer_delete i timer_getoverrun i timer_gettime i timer_settime ii timerfd_create ii
        timerfd_gettime i timerfd_settime ii tkill ii umask i umount2 li unlinkat ili userfaultfd i ustat i utimensat
        illi vmsplice illi wait4 ili waitid iili waitpid ili write i
        """;
}
