using System.Text.Json;

namespace Provision.Testing;

/// <summary>What a process said and how it ended (128 + signal when it was killed).</summary>
public sealed record CommandResult(string CommandLine, int ExitCode, string Out, string Err)
{
    /// <summary>Standard output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Fails the test with everything the process said, unless it ended with 0.</summary>
    public CommandResult Succeeded() => Exited(0);

    /// <summary>Fails the test with everything the process said, unless it ended with this code.</summary>
    public CommandResult Exited(int expected)
    {
        Assert.True(ExitCode == expected, $"expected exit code {expected}\n{this}");
        return this;
    }

    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\nstdout:\n{Out}\nstderr:\n{Err}";
}
