using System.Collections.Immutable;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// cgroup.subtree_control of a v2 cgroup. One write is all or nothing, so after a refusal the controllers are
/// tried one by one, and the error names those that failed.
/// </summary>
internal static class SubtreeControl
{
    public static KernelError? Enable(DirectoryWriter root, string path, ImmutableArray<string> controllers)
    {
        var file = File(path);
        var on = Names(root, file);
        var missing = controllers.Where(c => !on.Contains(c)).ToList();
        if (missing.Count == 0 || root.Write(file, string.Join(' ', missing.Select(static c => "+" + c))) is not { } error)
            return null;
        if (missing.Count == 1)
            return Explain(error);

        var failed = new List<string>();
        foreach (var controller in missing)
            if (root.Write(file, "+" + controller) is { } one)
            {
                failed.Add(controller);
                error = one;
            }

        if (failed.Count == 0)
            return null;
        // An operation that failed has changed nothing.
        foreach (var controller in missing.Except(failed))
            root.Write(file, "-" + controller);
        return Explain(error with { Value = string.Join(' ', failed.Select(static c => "+" + c)), Detail = "the other controllers could be enabled" });
    }

    // cgroups(7), "no internal processes".
    private static KernelError Explain(KernelError error) => error.Errno == Errno.EBUSY
        ? error with { Detail = "needs a process-free parent: cgroup v2 passes controllers on only from a cgroup without processes in it" }
        : error;

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
