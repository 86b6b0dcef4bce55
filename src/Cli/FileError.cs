using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>What the file system refused, as an errno: the runtime's own texts are not in the binary (UseSystemResourceKeys).</summary>
internal static class FileError
{
    private const int ENOENT = 2, EIO = 5, EACCES = 13;

    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary><c>ENOSPC (no space left)</c>.</summary>
    public static string Text(Exception e) => ErrnoNames.Describe(Errno(e));

    public static int Errno(Exception e) => e switch
    {
        UnauthorizedAccessException => EACCES,
        FileNotFoundException or DirectoryNotFoundException => ENOENT,
        // Elsewhere .NET keeps the errno in HResult.
        { HResult: > 0 and < 200 } => e.HResult,
        _ => EIO,
    };
}
