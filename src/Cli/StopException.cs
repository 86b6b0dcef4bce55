namespace Provision.Cli;

/// <summary>Ends a command with an exit code and what to tell the user; caught once, where the command was started.</summary>
/// <param name="code">One of <see cref="ExitCode"/>.</param>
/// <param name="message">Null when everything has been told already.</param>
/// <param name="hint">What to do.</param>
internal sealed class StopException(int code, string? message = null, string? hint = null) : Exception(message ?? "stopped")
{
    public int Code { get; } = code;

    public string? Told { get; } = message;

    public string? Hint { get; } = hint;

    public static StopException Usage(string message, string? hint = null) => new(ExitCode.Usage, message, hint);
}
