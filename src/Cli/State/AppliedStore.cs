using System.Text;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>
/// What was applied last, on disk: used for the names of causes and for notes. Reading gives nothing when there is
/// nothing; failing to write it is worth a warning and no more.
/// </summary>
internal sealed class AppliedStore(InstancePaths paths, Output output)
{
    public AppliedRecord Read()
    {
        try
        {
            return File.Exists(paths.Applied) ? AppliedRecord.Parse(File.ReadAllText(paths.Applied)) : AppliedRecord.Empty;
        }
        catch (Exception e) when (FileError.Is(e))
        {
            return AppliedRecord.Empty;
        }
    }

    /// <summary>Writes it when it differs from what is there: an apply that had nothing to do writes nothing.</summary>
    public void Write(AppliedRecord record, DateTimeOffset time)
    {
        if (record.SameAs(Read()))
            return;
        try
        {
            if (record.Resources.IsEmpty)
            {
                File.Delete(paths.Applied);
                RemoveIfEmpty(paths.AppliedDirectory);
                RemoveIfEmpty(paths.State);
                return;
            }

            Directory.CreateDirectory(paths.AppliedDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            AtomicFile.Write(paths.Applied, Encoding.UTF8.GetBytes(record.ToJson(time) + "\n"), 0x180);
        }
        catch (Exception e) when (FileError.Is(e) || e is KernelException)
        {
            output.Warn($"what was applied could not be noted, later reports may call a deletion by hand pending: {(e is KernelException ? e.Message : $"{paths.Applied}: {FileError.Text(e)}")}");
        }
    }

    /// <summary>Forgets every stack of the instance.</summary>
    public static void ForgetAll(InstancePaths paths)
    {
        try
        {
            if (Directory.Exists(paths.AppliedDirectory))
                Directory.Delete(paths.AppliedDirectory, recursive: true);
            RemoveIfEmpty(paths.State);
        }
        catch (Exception e) when (FileError.Is(e))
        {
            // Nothing depends on it.
        }
    }

    /// <summary>
    /// Removes what is empty of the instance's directory. The one in /run stays: somebody may be waiting for the lock in it.
    /// </summary>
    public static void Tidy(InstancePaths paths)
    {
        try
        {
            RemoveIfEmpty(paths.Logs);
            RemoveIfEmpty(paths.State);
        }
        catch (Exception e) when (FileError.Is(e))
        {
            // Nothing depends on it.
        }
    }

    private static void RemoveIfEmpty(string directory)
    {
        if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any())
            Directory.Delete(directory);
    }
}
