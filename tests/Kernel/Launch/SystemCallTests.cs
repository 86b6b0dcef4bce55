using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Provision.Kernel.Launch;

/// <summary>Numbers are compared with the C headers' own.</summary>
public sealed partial class SystemCallTests
{
    public static TheoryData<string> Names => [.. SystemCall.All.Select(static c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void X64_OfACall_IsTheHeaders(string name) => Assert.Equal(X64[name], Find(name).X64);

    [Theory]
    [MemberData(nameof(Names))]
    public void Arm64_OfACall_IsTheHeaders(string name) => Assert.Equal(Arm64[name], Find(name).Arm64);

    [Fact]
    public void All_HasEachNameOnce() => Assert.Equal(SystemCall.All.Count, SystemCall.All.Select(static c => c.Name).Distinct().Count());

    private static readonly Dictionary<string, int> X64 = Numbers("asm/unistd_64.h");
    private static readonly Dictionary<string, int> Arm64 = Numbers("asm-generic/unistd.h");

    private static SystemCall Find(string name) => SystemCall.All.Single(c => c.Name == name);

    // "#define __NR_fcntl __NR3264_fcntl" and "#define __NR3264_fcntl 25" come from the generic header.
    private static Dictionary<string, int> Numbers(string header)
    {
        var start = new ProcessStartInfo("cc", ["-E", "-dM", "-D__BITS_PER_LONG=64", "-D__ARCH_WANT_SYS_CLONE3", "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write($"#include <{header}>\n");
        process.StandardInput.Close();
        var defined = Define().Matches(process.StandardOutput.ReadToEnd()).ToDictionary(static m => m.Groups[1].Value, static m => m.Groups[2].Value);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return defined.Where(static d => d.Key.StartsWith("__NR_", StringComparison.Ordinal))
            .Select(d => (d.Key, Text: defined.GetValueOrDefault(d.Value, d.Value)))
            .Where(static d => int.TryParse(d.Text, out _))
            .ToDictionary(static d => d.Key[5..], static d => int.Parse(d.Text));
    }

    [GeneratedRegex(@"^#define (__NR\w+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Define();
}
