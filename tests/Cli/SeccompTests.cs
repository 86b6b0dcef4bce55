using System.Text;

namespace Provision.Cli.Tests;

public sealed class SeccompTests
{
    [Fact]
    public void Compile_AsRaw_IsWhatDisasmAndDiffTakeAgain()
    {
        using var bytes = new MemoryStream();
        using (var raw = new Bench { Out = new StreamWriter(bytes, new UTF8Encoding(false)) })
            Assert.Equal(0, raw.Run("seccomp", "compile", "built-in", "--arch", "amd64", "-o", "raw").Code);
        using var bench = new Bench();
        var path = Path.Combine(bench.Root, "filter");
        File.WriteAllBytes(path, bytes.ToArray());

        var (code, listing, _) = bench.Run("seccomp", "disasm", path);

        Assert.Equal(0, code);
        Assert.Equal(bench.Run("seccomp", "disasm", "built-in", "--arch", "amd64").Out, listing);
        Assert.Equal(bytes.Length / 8, listing.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(0, bench.Run("seccomp", "diff", path, "built-in", "--arch", "amd64").Code);
        Assert.Equal(2, bench.Run("seccomp", "diff", path, "built-in", "--arch", "arm64").Code);
    }

    [Fact]
    public void Diff_OfTheBuiltInProfileAndALiteralOne_ShowsTheTruncatedFamily()
    {
        using var bench = new Bench();
        var path = bench.Write("p.json", """{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_EQ"}]}]}""");

        var (code, data, _) = bench.Run("seccomp", "diff", path, "built-in", "--arch", "amd64", "--literal");

        Assert.Equal(2, code);
        Assert.Matches(@"socket\(0x[0-9a-f]{9,16}, 0, 0, 0, 0, 0\) +ALLOW +ERRNO EPERM", data);
    }

    [Fact]
    public void Compile_OfStandardInput_NamesItInMessages()
    {
        using var bench = new Bench { Input = "{]" };

        var (code, _, error) = bench.Run("seccomp", "compile", "-");

        Assert.Equal(3, code);
        Assert.Contains("<stdin>:1:2: error PV5101", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 2 }, 3, "neither a profile in JSON nor a filter")]
    [InlineData(new byte[] { (byte)'{', 0xff, (byte)'}' }, 3, "not UTF-8")]
    public void Disasm_OfSomethingElse_SaysSo(byte[] content, int expected, string says)
    {
        using var bench = new Bench();
        var path = Path.Combine(bench.Root, "odd");
        File.WriteAllBytes(path, content);

        var (code, _, error) = bench.Run("seccomp", "disasm", path);

        Assert.Equal(expected, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }
}
