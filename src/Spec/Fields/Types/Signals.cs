using System.Collections.Frozen;
using System.Globalization;

namespace Provision.Spec;

/// <summary>Signals by name and number (signal(7); x86-64 and arm64 have the same numbers).</summary>
public static class Signals
{
    // What a libc leaves to programs: glibc and musl take 32–34 or 32–33 for themselves; SIGRTMIN is glibc's.
    private const int RealTimeMin = 34;
    private const int RealTimeMax = 64;

    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["SIGHUP"] = 1,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGILL"] = 4,
        ["SIGTRAP"] = 5,
        ["SIGABRT"] = 6,
        ["SIGBUS"] = 7,
        ["SIGFPE"] = 8,
        ["SIGKILL"] = 9,
        ["SIGUSR1"] = 10,
        ["SIGSEGV"] = 11,
        ["SIGUSR2"] = 12,
        ["SIGPIPE"] = 13,
        ["SIGALRM"] = 14,
        ["SIGTERM"] = 15,
        ["SIGSTKFLT"] = 16,
        ["SIGCHLD"] = 17,
        ["SIGCONT"] = 18,
        ["SIGSTOP"] = 19,
        ["SIGTSTP"] = 20,
        ["SIGTTIN"] = 21,
        ["SIGTTOU"] = 22,
        ["SIGURG"] = 23,
        ["SIGXCPU"] = 24,
        ["SIGXFSZ"] = 25,
        ["SIGVTALRM"] = 26,
        ["SIGPROF"] = 27,
        ["SIGWINCH"] = 28,
        ["SIGIO"] = 29,
        ["SIGPWR"] = 30,
        ["SIGSYS"] = 31,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> ByNumber =
        Numbers.ToFrozenDictionary(static s => s.Value, static s => s.Key);

    internal static readonly ScalarType Type = new PatternType(
        "signal",
        "a signal such as SIGTERM, TERM or 15",
        @"^(([Ss][Ii][Gg])?[A-Za-z][A-Za-z0-9]*(\+[0-9]+)?|[0-9]+)$",
        Normalize)
    { PlainNumbers = true };

    /// <summary>The number of a canonical name (<c>SIGTERM</c>, <c>SIGRTMIN+3</c>); null when there is none.</summary>
    public static int? NumberOf(string name)
    {
        if (Numbers.TryGetValue(name, out var number))
            return number;
        if (name == "SIGRTMIN")
            return RealTimeMin;
        return name.StartsWith("SIGRTMIN+", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan("SIGRTMIN+".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var above)
            && above <= RealTimeMax - RealTimeMin
                ? RealTimeMin + above
                : null;
    }

    /// <summary>The canonical name of a number; null when there is none.</summary>
    public static string? NameOf(int number) =>
        number is >= RealTimeMin and <= RealTimeMax ? RealTime(number - RealTimeMin) : ByNumber.GetValueOrDefault(number);

    private static (string?, string?) Normalize(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (NameOf(number), $"there is no signal {Shown.Text(text)}");

        var name = text.ToUpperInvariant();
        if (!name.StartsWith("SIG", StringComparison.Ordinal))
            name = "SIG" + name;
        if (NumberOf(name) is { } known)
            return (known >= RealTimeMin ? RealTime(known - RealTimeMin) : name, null);
        var near = Suggestion.Nearest(name, Numbers.Keys);
        return (null, $"there is no signal {Shown.Text(text)}{(near is null ? "" : $"; did you mean {near}?")}");
    }

    private static string RealTime(int above) =>
        above == 0 ? "SIGRTMIN" : "SIGRTMIN+" + above.ToString(CultureInfo.InvariantCulture);
}
