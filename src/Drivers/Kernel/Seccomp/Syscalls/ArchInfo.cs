using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>An architecture with a system call table of its own.</summary>
public enum SeccompArch
{
    /// <summary>x86-64 with 64-bit pointers.</summary>
    X86_64,

    /// <summary>x86-64 with 32-bit pointers: the same audit number, bit 30 set in the system call number.</summary>
    X32,

    /// <summary>i386.</summary>
    X86,

    Arm64,

    /// <summary>32-bit arm, EABI.</summary>
    Arm,
}

/// <summary>What a filter has to know of an architecture.</summary>
/// <param name="OciName">As profiles call it in <c>architectures</c> and <c>archMap</c>.</param>
/// <param name="Name">As profiles call it in <c>includes.arches</c>, and as the command line does.</param>
/// <param name="Audit">AUDIT_ARCH_* of linux/audit.h: what seccomp_data.arch holds.</param>
/// <param name="Bit">What the kernel adds to the numbers of the table; 0 but for x32.</param>
/// <param name="Registers">Bits of an argument register: the kernel zero-extends those of 32-bit callers.</param>
internal sealed record ArchInfo(SeccompArch Arch, string OciName, string Name, uint Audit, uint Bit, int Registers, Lazy<SyscallTable> Data)
{
    public const uint X32Bit = 0x40000000;

    public static readonly ImmutableArray<ArchInfo> All =
    [
        new(SeccompArch.X86_64, "SCMP_ARCH_X86_64", "amd64", 0xC000003E, 0, 64, new(static () => new SyscallTable(SyscallData.X86_64))),
        new(SeccompArch.X32, "SCMP_ARCH_X32", "x32", 0xC000003E, X32Bit, 64, new(static () => new SyscallTable(SyscallData.X32))),
        new(SeccompArch.X86, "SCMP_ARCH_X86", "x86", 0x40000003, 0, 32, new(static () => new SyscallTable(SyscallData.X86))),
        new(SeccompArch.Arm64, "SCMP_ARCH_AARCH64", "arm64", 0xC00000B7, 0, 64, new(static () => new SyscallTable(SyscallData.Arm64))),
        new(SeccompArch.Arm, "SCMP_ARCH_ARM", "arm", 0x40000028, 0, 32, new(static () => new SyscallTable(SyscallData.Arm))),
    ];

    public SyscallTable Table => Data.Value;

    public static ArchInfo Of(SeccompArch arch) => All[(int)arch];

    public static ArchInfo? ByOciName(string name) => All.FirstOrDefault(a => a.OciName == name);

    /// <summary>The architecture of a call in a running kernel; null for one without a table here.</summary>
    public static ArchInfo? OfCall(uint audit, uint number) =>
        All.LastOrDefault(a => a.Audit == audit && (a.Bit == 0 || (number >= a.Bit && number != uint.MaxValue)));
}
