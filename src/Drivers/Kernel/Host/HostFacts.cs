namespace Provision.Kernel;

/// <summary>What reports say of the host that they were made on; read from files, nothing assumed.</summary>
public static class HostFacts
{
    /// <summary>True when this process may change the kernel (effective user 0).</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>A UUID that changes with every boot.</summary>
    public static string BootId => Read("/proc/sys/kernel/random/boot_id");

    public static string HostName => Read("/proc/sys/kernel/hostname");

    /// <summary>As <c>uname -r</c>.</summary>
    public static string KernelRelease => Read("/proc/sys/kernel/osrelease");

    /// <summary>The first line of a file; empty when it cannot be read.</summary>
    private static string Read(string path)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return "";
        using (file)
            return (Sys.ReadAll(file).Text ?? "").Split('\n')[0];
    }
}
