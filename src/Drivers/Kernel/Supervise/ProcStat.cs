using System.Globalization;

namespace Provision.Kernel.Supervise;

/// <summary>The fields of /proc/PID/stat (proc_pid_stat(5)) that tell one process from another and how it ended.</summary>
/// <param name="State">R, S, D, T, Z, …</param>
/// <param name="StartTime">Clock ticks since boot.</param>
/// <param name="ExitCode">In the form of waitpid(2)'s status; meaningful for a zombie, and 0 to who may not know it.</param>
internal readonly record struct ProcStat(char State, ulong StartTime, int ExitCode)
{
    private const int StateField = 3, StartField = 22, ExitField = 52;

    public bool IsZombie => State is 'Z' or 'X';

    /// <summary>Null for text of another form: the command's name may hold anything, brackets and line ends too.</summary>
    public static ProcStat? Parse(string text)
    {
        var name = text.LastIndexOf(')');
        if (name < 0 || name + 2 >= text.Length)
            return null;
        var fields = text.AsSpan(name + 2).TrimEnd();
        Span<Range> places = stackalloc Range[ExitField - StateField + 2];
        if (fields.Split(places, ' ') <= ExitField - StateField || fields[places[0]] is not [var state]
            || !ulong.TryParse(fields[places[StartField - StateField]], CultureInfo.InvariantCulture, out var start)
            || !int.TryParse(fields[places[ExitField - StateField]], CultureInfo.InvariantCulture, out var code))
            return null;
        return new ProcStat(state, start, code);
    }

    /// <summary>Of a process; null when there is none with this pid.</summary>
    public static ProcStat? Read(int pid)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"), Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            return Sys.ReadAll(file).Text is { } text ? Parse(text) : null;
    }
}
