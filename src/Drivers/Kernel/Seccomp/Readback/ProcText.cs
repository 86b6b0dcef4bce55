namespace Provision.Kernel.Seccomp;

/// <summary>Small files of procfs, of processes that may end at any time.</summary>
internal static class ProcText
{
    /// <param name="path">Below /proc.</param>
    /// <returns>Null when it cannot be read, for whatever reason.</returns>
    public static string? Read(string path)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, "/proc/" + path, Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            return Sys.ReadAll(file).Text;
    }
}
