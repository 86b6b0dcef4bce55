using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Provision.Kernel;
using Provision.Kernel.Logs;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>logs</c>: what a container has written.</summary>
internal static class LogsCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The container's name" };

    private static readonly Option<bool> Follow = Options.Switch("--follow", "Go on with what is written later", "-f");

    private static readonly Option<bool> Timestamps = Options.Switch("--timestamps", "Lead each line with the time it came, UTC", "-t");

    private static readonly Option<int?> Tail = new("--tail", "-n")
    {
        Description = "So many lines from the end",
        HelpName = "LINES",
        Validators =
        {
            static result =>
            {
                if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, CultureInfo.InvariantCulture, out var lines) && lines >= 0))
                    result.AddError($"--tail {text}: must be a whole number of lines");
            },
        },
    };

    private static readonly Option<string?> Since = new("--since")
    {
        Description = "Lines that began since: a time ago such as 90s, 5m, 2h, or a moment such as 2026-01-31T08:00:00Z",
        HelpName = "TIME",
        Validators = { static result => CheckSince(result) },
    };

    public static Command Create(Runner run) => run.Command(
        "logs", "Show what a container has written", Run, Name, Follow, Since, Tail, Timestamps);

    private static int Run(Session session)
    {
        Privilege.Require(session, "logs");
        ReadingOnly.Begin(session);
        var name = session.Parse.GetValue(Name)!;
        if (!IsName(name))
            throw StopException.Usage($"{Shown.Text(name)} is no name of a container");
        var directory = Supervision.Paths(session).LogOf(name);
        if (!Directory.Exists(directory))
            throw new StopException(ExitCode.Error, $"there is no log of Container/{name} in instance {session.Scope.Instance}");
        var since = session.Parse.GetValue(Since) is { } text ? Moment(text, session.Host.Time.GetUtcNow()) : null;
        var query = new LogQuery(session.Parse.GetValue(Tail), since, session.Parse.GetValue(Timestamps), session.Parse.GetValue(Follow));
        // Bytes as they are: a log need not be text.
        using var output = new StandardStream(1);
        if (!query.Follow)
        {
            LogReader.Copy(directory, query, output);
            return ExitCode.Done;
        }

        using var interrupt = session.Host.Interrupts();
        LogReader.Copy(directory, query, output, interrupt.Token);
        return ExitCode.Done;
    }

    /// <summary>The moment that a text means; null when it means none.</summary>
    internal static DateTimeOffset? Moment(string text, DateTimeOffset now)
    {
        (string Suffix, double Seconds)[] units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];
        foreach (var (suffix, seconds) in units)
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * seconds < 1e9)
                return now.AddSeconds(-count * seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    private static void CheckSince(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && Moment(text, DateTimeOffset.UnixEpoch.AddYears(100)) is null)
            result.AddError($"--since {text}: must be a time ago such as 5m, or a moment such as 2026-01-31T08:00:00Z");
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && !text.Contains("..", StringComparison.Ordinal);
}
