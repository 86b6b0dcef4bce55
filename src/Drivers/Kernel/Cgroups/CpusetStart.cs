using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>A new v1 cpuset is empty, and attaching a process to it fails with ENOSPC, until it has CPUs and nodes.</summary>
internal static class CpusetStart
{
    private static readonly string[] Files = ["cpuset.cpus", "cpuset.mems"];

    public static KernelError? Initialise(DirectoryWriter root, CgroupHierarchy hierarchy, string path)
    {
        if (hierarchy.Unified || !hierarchy.Controllers.Contains("cpuset"))
            return null;
        var parent = path.LastIndexOf('/') is var cut && cut < 0 ? "" : path[..cut];
        // A parent without: its own creation was cut short before this.
        if (parent.Length > 0 && Files.Any(file => Value(root, parent, file).Length == 0) && Initialise(root, hierarchy, parent) is { } above)
            return above;
        foreach (var file in Files)
        {
            var value = Value(root, parent, file);
            if (value.Length == 0)
                return new KernelError("read", root.At.Full($"{parent}/{file}".TrimStart('/')), null, Errno.ENOSPC, "the parent has none to give");
            if (root.Write($"{path}/{file}", value) is { } error)
                return error;
        }

        return null;
    }

    private static string Value(DirectoryWriter root, string path, string file) =>
        root.At.Read(path.Length == 0 ? file : $"{path}/{file}")?.Trim() ?? "";
}
