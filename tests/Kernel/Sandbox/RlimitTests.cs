using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Provision.Kernel.Sandbox;

/// <summary>Numbers of resources are compared with the C headers' own.</summary>
public sealed partial class RlimitTests
{
    [Fact]
    public void Numbers_OfEveryResource_AreTheHeaders()
    {
        var start = new ProcessStartInfo("cc", ["-E", "-dM", "-x", "c", "-"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write("#include <asm/resource.h>\n");
        process.StandardInput.Close();
        var header = Define().Matches(process.StandardOutput.ReadToEnd()).ToDictionary(static m => m.Groups[1].Value, static m => int.Parse(m.Groups[2].Value));
        process.WaitForExit();

        Assert.Equal(header.OrderBy(static h => h.Value), Enum.GetValues<RlimitResource>().ToDictionary(static r => r.ToString().ToUpperInvariant(), static r => (int)r).OrderBy(static r => r.Value));
        Assert.Equal(16, header.Count);
    }

    [GeneratedRegex(@"^#define RLIMIT_(\w+)\s+(\d+)$", RegexOptions.Multiline)]
    private static partial Regex Define();
}
