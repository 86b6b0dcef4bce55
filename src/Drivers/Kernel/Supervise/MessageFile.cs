namespace Provision.Kernel.Supervise;

/// <summary>Keeps what the supervisor has to say from growing for ever: one file and one before it.</summary>
internal static class MessageFile
{
    public const long MaxLength = 1 << 20;

    /// <summary>
    /// Moves what is in the file to <c>PATH.1</c> once it is too long. It is copied and emptied, because it is somebody's
    /// standard error: an O_APPEND description goes on at the new end.
    /// </summary>
    public static void Trim(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length <= MaxLength)
                return;
            file.CopyTo(path + ".1", overwrite: true);
            using var open = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            open.SetLength(0);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Too long a file is better than a message that nobody gets.
        }
    }
}
