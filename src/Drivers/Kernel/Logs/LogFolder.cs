namespace Provision.Kernel.Logs;

/// <summary>A log's directory as a whole.</summary>
internal static class LogFolder
{
    /// <summary>Removes a log; one that is not there, or that somebody is removing too, is fine.</summary>
    public static void Remove(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // What is left is a file of ours without a container: the next removal of that name takes it.
        }
    }
}
