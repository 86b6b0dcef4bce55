namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// Provision's own policy module: a domain for containers and a type for their files. In CIL (the SELinux project's
/// secilc reference guide), for policies that descend from the reference policy.
/// </summary>
internal static class ProvisionModule
{
    public const string Name = "provision";

    /// <summary>The domain of containers, and the type of files that they may write.</summary>
    public const string ProcessType = "provision_container_t", FileType = "provision_container_file_t";

    /// <summary>
    /// Categories keep containers apart, so the domain is one that the policy's MCS constraints hold for. It reads and runs
    /// what a distribution ships as world-readable programs and libraries, since a root may be the host's own; it writes
    /// nothing but its own files. No key material (cert_t), no creation of device nodes (they would carry a label that may
    /// be used), nothing that changes labels.
    /// </summary>
    public const string Cil = """
        ; Types and what the policy should take them for.
        (typeattribute provision_domain)
        (type provision_container_t)
        (type provision_container_file_t)
        (roletype system_r provision_container_t)
        (roletype object_r provision_container_file_t)
        (typeattributeset provision_domain (provision_container_t))
        (typeattributeset domain (provision_container_t))
        (typeattributeset mcs_constrained_type (provision_container_t))
        (typeattributeset file_type (provision_container_file_t))

        ; Being started. A launcher sets no_new_privs and nosuid mounts before; limits, signals and the environment that
        ; it declares are to survive the change of label.
        (roleallow unconfined_r system_r)
        (allow unconfined_domain_type provision_domain (process (transition siginh rlimitinh noatsecure)))
        (allow unconfined_domain_type provision_domain (process2 (nnp_transition nosuid_transition)))
        (allow provision_domain unconfined_domain_type (process (sigchld)))
        (allow provision_domain unconfined_domain_type (fd (use)))
        (allow provision_domain unconfined_domain_type (fifo_file (getattr ioctl read write append)))
        (allow provision_domain unconfined_domain_type (unix_stream_socket (getattr getopt setopt ioctl read write append shutdown)))

        ; Standard input and output: named pipes below /run that are open already. None can be opened.
        (allow provision_domain var_run_t (fifo_file (getattr ioctl read write append)))

        ; Of a command that is run inside later they are pipes, which are made with the caller's categories and then given
        ; the label of the container's own files.
        (allow unconfined_domain_type self (fifo_file (relabelfrom)))
        (allow unconfined_domain_type provision_container_file_t (fifo_file (relabelto)))

        ; Itself: everything but changes of label and memory that is written and then run by tricks.
        (allow provision_domain self (process (fork sigchld sigkill sigstop signull signal ptrace getsched setsched getsession getpgid setpgid getcap setcap share getattr setrlimit getrlimit execmem)))
        (allow provision_domain self (capability (audit_write chown dac_override dac_read_search fowner fsetid kill net_bind_service net_raw setfcap setgid setpcap setuid sys_chroot)))
        (allow provision_domain self (cap_userns (audit_write chown dac_override dac_read_search fowner fsetid kill net_bind_service net_raw setfcap setgid setpcap setuid sys_chroot)))
        (allow provision_domain self (dir (getattr search open read ioctl lock)))
        (allow provision_domain self (file (getattr open read write append ioctl lock)))
        (allow provision_domain self (lnk_file (getattr read)))
        (allow provision_domain self (fifo_file (getattr setattr open read write append ioctl lock)))
        (allow provision_domain self (sem (all)))
        (allow provision_domain self (shm (all)))
        (allow provision_domain self (msgq (all)))
        (allow provision_domain self (msg (all)))
        (allow provision_domain self (key (all)))

        ; Sockets of its own; routes are read and not changed.
        (classmap provision_socket (use))
        (classmapping provision_socket use (tcp_socket (accept append bind connect create getattr getopt ioctl listen lock read setattr setopt shutdown write)))
        (classmapping provision_socket use (udp_socket (append bind connect create getattr getopt ioctl lock read setattr setopt shutdown write)))
        (classmapping provision_socket use (rawip_socket (append bind connect create getattr getopt ioctl lock read setattr setopt shutdown write)))
        (classmapping provision_socket use (icmp_socket (append bind connect create getattr getopt ioctl lock read setattr setopt shutdown write)))
        (classmapping provision_socket use (unix_stream_socket (accept append bind connect connectto create getattr getopt ioctl listen lock read setattr setopt shutdown write)))
        (classmapping provision_socket use (unix_dgram_socket (append bind connect create getattr getopt ioctl lock read sendto setattr setopt shutdown write)))
        (classmapping provision_socket use (netlink_route_socket (append bind connect create getattr getopt ioctl lock nlmsg_read read setattr setopt shutdown write)))
        (allow provision_domain self (provision_socket (use)))
        (allow provision_domain port_type (tcp_socket (name_bind name_connect)))
        (allow provision_domain port_type (udp_socket (name_bind)))
        (allow provision_domain node_type (tcp_socket (node_bind)))
        (allow provision_domain node_type (udp_socket (node_bind)))
        (allow provision_domain node_type (rawip_socket (node_bind)))
        (allow provision_domain node_type (icmp_socket (node_bind)))

        ; Its files, terminals and devices. A file system mounted with their label as its own holds them too.
        (allow provision_container_file_t self (filesystem (associate)))
        (allow provision_container_file_t filesystem_type (filesystem (associate)))
        (classmap provision_files (own))
        (classmapping provision_files own (dir (add_name create getattr ioctl link lock open read remove_name rename reparent rmdir search setattr unlink watch write)))
        (classmapping provision_files own (file (append create entrypoint execute execute_no_trans getattr ioctl link lock map open read rename setattr unlink watch write)))
        (classmapping provision_files own (lnk_file (create getattr link read rename setattr unlink)))
        (classmapping provision_files own (fifo_file (append create getattr ioctl link lock open read rename setattr unlink write)))
        (classmapping provision_files own (sock_file (append create getattr ioctl link open read rename setattr unlink write)))
        (classmapping provision_files own (chr_file (append getattr ioctl lock map open read setattr write)))
        (allow provision_domain provision_container_file_t (provision_files (own)))

        ; Programs and libraries, and configuration that everybody may read.
        (typeattribute provision_shared)
        (typeattributeset provision_shared (or (root_t usr_t bin_t lib_t etc_t etc_runtime_t net_conf_t locale_t ld_so_t ld_so_cache_t) (exec_type)))
        (allow provision_domain provision_shared (dir (getattr ioctl lock open read search)))
        (allow provision_domain provision_shared (file (entrypoint execute execute_no_trans getattr ioctl lock map open read)))
        (allow provision_domain provision_shared (lnk_file (getattr read)))

        ; What the kernel tells. Writing a sysctl is not among it.
        (typeattribute provision_kernel)
        (typeattributeset provision_kernel (or (proc_t proc_net_t sysfs_t cgroup_t) (sysctl_type)))
        (allow provision_domain provision_kernel (dir (getattr open read search)))
        (allow provision_domain provision_kernel (file (getattr open read)))
        (allow provision_domain provision_kernel (lnk_file (getattr read)))
        (allow provision_domain file_type (filesystem (getattr)))
        (allow provision_domain filesystem_type (filesystem (getattr)))

        """;
}
