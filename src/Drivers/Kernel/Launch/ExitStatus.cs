using System.Globalization;

namespace Provision.Kernel.Launch;

/// <summary>How a process ended.</summary>
/// <param name="Code">What it passed to exit(2); 0 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 when it exited.</param>
public sealed record ExitStatus(int Code, int Signal)
{
    /// <summary>As shells have it: the code, or 128 + signal.</summary>
    public int Shell => Signal == 0 ? Code : 128 + Signal;

    public override string ToString() =>
        Signal == 0 ? $"exit code {Text(Code)}" : $"signal {Text(Signal)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
