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
        var cut = path.LastIndexOf('/');
        foreach (var file in Files)
        {
            var value = root.At.Read(cut < 0 ? file : $"{path[..cut]}/{file}")?.Trim();
            if (string.IsNullOrEmpty(value))
                return new KernelError("read", root.At.Full($"{(cut < 0 ? "" : path[..cut])}/{file}"), null, Errno.ENOSPC, "the parent has none to give");
            if (root.Write($"{path}/{file}", value) is { } error)
                return error;
        }

        return null;
    }
}
