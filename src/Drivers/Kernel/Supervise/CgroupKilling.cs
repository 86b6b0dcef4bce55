namespace Provision.Kernel.Supervise;

/// <summary>Ends processes of a cgroup by descriptor: with the first process of a pid namespace the others go, and their numbers are anybody's.</summary>
internal static class CgroupKilling
{
    // A descriptor each; a cgroup may hold any number.
    private const int AtOnce = 256;

    /// <summary>Sends SIGKILL to those of the processes that are in the cgroup still.</summary>
    /// <param name="inside">Who is in it now.</param>
    public static void Kill(IEnumerable<int> pids, Func<IEnumerable<int>> inside)
    {
        foreach (var some in pids.Chunk(AtOnce))
            KillSome(some, inside);
    }

    private static void KillSome(int[] pids, Func<IEnumerable<int>> inside)
    {
        var open = new List<(int Pid, Fd Process)>();
        try
        {
            foreach (var pid in pids)
                if (PidFd.Open(pid) is { } process)
                    open.Add((pid, process));
            // Looked up again: what a descriptor holds now is what is in the cgroup.
            var still = inside().ToHashSet();
            foreach (var (pid, process) in open)
                if (still.Contains(pid))
                    PidFd.Signal(process, SuperviseNative.SigKill);
        }
        finally
        {
            foreach (var (_, process) in open)
                process.Dispose();
        }
    }
}
