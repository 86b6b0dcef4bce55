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
        var fields = text[(name + 2)..].TrimEnd().Split(' ');
        if (fields.Length <= ExitField - StateField || fields[0].Length != 1
            || !ulong.TryParse(fields[StartField - StateField], CultureInfo.InvariantCulture, out var start)
            || !int.TryParse(fields[ExitField - StateField], CultureInfo.InvariantCulture, out var code))
            return null;
        return new ProcStat(fields[0][0], start, code);
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
