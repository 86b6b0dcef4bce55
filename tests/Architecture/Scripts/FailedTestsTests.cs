using System.Diagnostics;

namespace Provision.Architecture;

/// <summary>Which tests <c>scripts/suite.sh</c> runs once more: the failed ones, a theory's method once, and no others.</summary>
public sealed class FailedTestsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("""<UnitTestResult testId="1" testName="P.A.One" duration="00:01" outcome="Failed" x="y"><Output/>""", "P.A.One\n")]
    [InlineData("""<UnitTestResult testName="P.A.Two(a: 1)" outcome="Failed"/><UnitTestResult testName="P.A.Two(a: 2)" outcome="Failed"/>""", "P.A.Two\n")]
    [InlineData("""<UnitTestResult testName="P.A.Three" outcome="Passed"/><UnitTestResult testName="P.A.Four(text: &quot;(&quot;)" outcome="Failed"/>""", "P.A.Four\n")]
    public void Names_OfAResultsFile_AreOfFailedMethods(string trx, string names)
    {
        File.WriteAllText(_file, trx);
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "failed-tests.sh"), [_file]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((0, names), (process.ExitCode, said));
    }
}
