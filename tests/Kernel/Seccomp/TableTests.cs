using System.Text.RegularExpressions;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class TableTests
{
    // The C library's own headers, older than the tables: what they name must have the same number.
    [Theory]
    [InlineData("unistd_64.h", SeccompArch.X86_64)]
    [InlineData("unistd_32.h", SeccompArch.X86)]
    [InlineData("unistd_x32.h", SeccompArch.X32)]
    public void Numbers_OfTheInstalledHeaders_AreThoseOfTheTables(string header, SeccompArch arch)
    {
        var path = Directory.EnumerateFiles("/usr/include", header, SearchOption.AllDirectories).First();
        var defined = Regex.Matches(File.ReadAllText(path), @"^#define __NR_(\w+)\s+\(?(?:__X32_SYSCALL_BIT \+ )?(\d+)\)?\s*$", RegexOptions.Multiline);

        Assert.True(defined.Count > 300, path);
        Assert.All(defined, m => Assert.Equal((m.Groups[1].Value, uint.Parse(m.Groups[2].Value)), (m.Groups[1].Value, ArchInfo.Of(arch).Table.Number(m.Groups[1].Value))));
    }

    [Theory]
    [InlineData(SeccompArch.Arm64, "openat", 56u)]
    [InlineData(SeccompArch.Arm64, "clone3", 435u)]
    [InlineData(SeccompArch.Arm, "set_tls", 983045u)]
    [InlineData(SeccompArch.Arm, "execve", 11u)]
    [InlineData(SeccompArch.X32, "execve", 520u)]
    public void Numbers_OfOtherArchitectures_AreTheKernels(SeccompArch arch, string name, uint number) =>
        Assert.Equal(number, ArchInfo.Of(arch).Table.Number(name));

    // libseccomp's tables come from the kernel by another way, and it has all five architectures.
    [Theory]
    [InlineData(SeccompArch.X86_64, 0xC000003Eu, 350)]
    [InlineData(SeccompArch.X32, 0x4000003Eu, 330)]
    [InlineData(SeccompArch.X86, 0x40000003u, 400)]
    [InlineData(SeccompArch.Arm64, 0xC00000B7u, 290)]
    [InlineData(SeccompArch.Arm, 0x40000028u, 390)]
    public void Numbers_ThatLibseccompKnows_AreThoseOfTheTables(SeccompArch arch, uint token, int atLeast)
    {
        var info = ArchInfo.Of(arch);
        var theirs = Libseccomp.Numbers(token, info.Table.Names);

        Assert.True(theirs.Count >= atLeast, $"{theirs.Count} numbers to compare");
        Assert.Equal(theirs, theirs.Keys.ToDictionary(static n => n, n => (long)info.Table.Number(n)! + info.Bit));
    }

    [Theory]
    [InlineData("socket", 0, 32)]
    [InlineData("clone", 0, 64)]
    [InlineData("mmap", 2, 64)]
    [InlineData("personality", 0, 32)]
    [InlineData("ioctl", 1, 32)]
    [InlineData("ioctl", 2, 64)]
    [InlineData("openat", 3, 16)]
    [InlineData("read", 2, 64)]
    [InlineData("prctl", 0, 32)]
    [InlineData("prctl", 1, 64)]
    [InlineData("ptrace", 0, 64)]
    [InlineData("setns", 1, 32)]
    [InlineData("unshare", 0, 64)]
    [InlineData("nosuch", 0, 64)]
    public void Widths_OfArguments_AreThoseOfTheKernelsPrototypes(string call, int index, int bits) =>
        Assert.Equal(bits, ArgumentWidths.Bits(call, index));

    [Theory]
    [InlineData(0xC000003Eu, 0u, "amd64")]
    [InlineData(0xC000003Eu, 0x40000000u, "x32")]
    [InlineData(0xC000003Eu, 0xffffffffu, "amd64")]
    [InlineData(0x40000003u, 0x40000000u, "x86")]
    [InlineData(0u, 0u, null)]
    public void OfCall_OfANumber_IsTheArchitectureThatItBelongsTo(uint audit, uint number, string? name) =>
        Assert.Equal(name, ArchInfo.OfCall(audit, number)?.Name);
}
