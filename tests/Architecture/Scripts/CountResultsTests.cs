using System.Diagnostics;

namespace Provision.Architecture;

/// <summary>The counting behind <c>make test</c>: what a results file says, and that a broken one is no success.</summary>
public sealed class CountResultsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("""<Counters total="9" executed="9" passed="9" failed="0" error="0" />""", "9 0 0")]
    [InlineData("""<Counters total="9" executed="7" passed="4" failed="2" error="0" timeout="1" />""", "4 3 2")]
    [InlineData("""<a><Counters total="1" executed="0" passed="0" /></a><Counters total="5" executed="5" passed="5" />""", "0 0 1")]
    public void Count_OfAResultsFile_IsPassedFailedSkipped(string trx, string counts) => Assert.Equal((0, counts + "\n"), Count(trx));

    [Theory]
    [InlineData("")]
    [InlineData("<TestRun>")]
    [InlineData("""<Counters total="9" executed="9" />""")]
    public void Count_OfABrokenFile_Fails(string trx) => Assert.NotEqual(0, Count(trx).ExitCode);

    private (int ExitCode, string Out) Count(string trx)
    {
        File.WriteAllText(_file, trx);
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "count-results.sh"), [_file]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
