using System.Diagnostics;

namespace Provision.Testing;

/// <summary>Removes a cgroup that a test made, killing what runs in it.</summary>
internal static class CgroupRemoval
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Remove(string directory)
    {
        var watch = Stopwatch.StartNew();
        while (Directory.Exists(directory))
        {
            foreach (var pid in File.ReadLines(Path.Combine(directory, "cgroup.procs")))
                Kill(pid, directory);

            // A cgroup whose last process is not reaped yet is busy (EBUSY) for a moment.
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException) when (watch.Elapsed < Patience)
            {
                Thread.Sleep(5);
            }
        }
    }

    private static void Kill(string pid, string directory)
    {
        if (pid == Environment.ProcessId.ToString())
            throw new InvalidOperationException($"the test put its own process into {directory}");
        Command.Run("/bin/kill", ["-KILL", pid]);
    }
}
