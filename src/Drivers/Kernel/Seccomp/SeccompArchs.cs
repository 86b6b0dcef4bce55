using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>Architectures by the names that people and profiles use.</summary>
public static class SeccompArchs
{
    /// <summary>amd64, x32, x86, arm64, arm.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ArchInfo.All.Select(static a => a.Name)];

    public static string Name(SeccompArch arch) => ArchInfo.Of(arch).Name;

    /// <summary>By such a name, by OCI's (SCMP_ARCH_X86_64) or by the kernel's (x86_64); null where there is none.</summary>
    public static SeccompArch? ByName(string name) => ArchInfo.All.FirstOrDefault(a =>
        a.Name == name || a.OciName == name || a.OciName["SCMP_ARCH_".Length..].Equals(name, StringComparison.OrdinalIgnoreCase))?.Arch;

    /// <summary>The version of the kernel headers that the system call tables are from.</summary>
    public static string TablesVersion => SyscallData.Version;
}
