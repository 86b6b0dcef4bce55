using System.Globalization;

namespace Provision.Kernel.Supervise;

/// <summary>What /proc/PID/status (proc_pid_status(5)) says of a process's privileges.</summary>
internal sealed record StatusFile(
    ulong CapInheritable, ulong CapPermitted, ulong CapEffective, ulong CapBounding, ulong CapAmbient,
    bool NoNewPrivileges, int SeccompMode, int SeccompFilters)
{
    /// <summary>What is missing in the text (an older kernel) is 0.</summary>
    public static StatusFile Parse(string text)
    {
        ulong Mask(string name) => ulong.TryParse(Value(text, name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask) ? mask : 0;
        int Number(string name) => int.TryParse(Value(text, name), CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new StatusFile(
            Mask("CapInh"), Mask("CapPrm"), Mask("CapEff"), Mask("CapBnd"), Mask("CapAmb"),
            Number("NoNewPrivs") == 1, Number("Seccomp"), Number("Seccomp_filters"));
    }

    // The first line holds the command's name, in which the kernel escapes line ends: only its own lines begin like this.
    private static ReadOnlySpan<char> Value(string text, string name)
    {
        var at = text.IndexOf($"\n{name}:", StringComparison.Ordinal);
        if (at < 0)
            return [];
        var value = text.AsSpan(at + name.Length + 2);
        return (value.IndexOf('\n') is >= 0 and var end ? value[..end] : value).Trim();
    }

    /// <summary>Of a process; null when there is none with this pid.</summary>
    public static StatusFile? Read(int pid)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            return Sys.ReadAll(file).Text is { } text ? Parse(text) : null;
    }
}
