using System.Collections.Immutable;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// cgroup.subtree_control of a v2 cgroup. A write of several controllers is all or nothing and does not tell which of
/// them was refused, so that each has a write of its own.
/// </summary>
internal static class SubtreeControl
{
    public static KernelError? Enable(DirectoryWriter root, string path, ImmutableArray<string> controllers)
    {
        var file = File(path);
        var on = Names(root, file);
        var done = new List<string>();
        foreach (var controller in controllers.Where(c => !on.Contains(c)))
        {
            if (root.Write(file, "+" + controller) is not { } error)
            {
                done.Add(controller);
                continue;
            }

            // An operation that failed has changed nothing.
            foreach (var taken in done)
                root.Write(file, "-" + taken);
            return error with { Detail = Reason(error.Errno) };
        }

        return null;
    }

    // cgroups(7); Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint" and "Threads".
    private static string? Reason(int errno) => errno switch
    {
        Errno.EBUSY => "needs a process-free parent: cgroup v2 passes controllers on only from a cgroup without processes in it",
        Errno.EOPNOTSUPP => "it is threaded, or the root of threaded cgroups: such a cgroup passes on threaded controllers (cpu, cpuset, pids) alone",
        Errno.ENOENT => "the cgroup above does not offer this controller (its cgroup.subtree_control)",
        _ => null,
    };

    /// <summary>A controller that a cgroup below still passes on stays, without an error.</summary>
    public static KernelError? Disable(DirectoryWriter root, string path, ImmutableArray<string> controllers)
    {
        var file = File(path);
        foreach (var controller in controllers.Where(Names(root, file).Contains))
            if (root.Write(file, "-" + controller) is { } error && error.Errno != Errno.EBUSY)
                return error;
        return null;
    }

    private static HashSet<string> Names(DirectoryWriter root, string file) =>
        [.. (root.At.Read(file) ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    private static string File(string path) => path.Length == 0 ? "cgroup.subtree_control" : $"{path}/cgroup.subtree_control";
}
