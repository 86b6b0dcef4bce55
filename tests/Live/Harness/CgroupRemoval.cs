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
            foreach (var pid in Processes(directory))
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

    // A threaded cgroup of v2 shows threads alone.
    private static string[] Processes(string directory)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(directory, "cgroup.procs"));
        }
        catch (IOException) when (Directory.Exists(directory))
        {
            return File.ReadAllLines(Path.Combine(directory, "cgroup.threads"));
        }
    }

    private static void Kill(string pid, string directory)
    {
        if (pid == Environment.ProcessId.ToString())
            throw new InvalidOperationException($"the test put its own process into {directory}");
        Command.Run("/bin/kill", ["-KILL", pid]);
    }
}
