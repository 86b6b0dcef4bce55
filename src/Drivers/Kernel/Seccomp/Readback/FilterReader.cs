using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Seccomp;

/// <summary>Reads filters back with ptrace(2); where it cannot, it counts them. Safe for one thread at a time.</summary>
/// <param name="cgroups">Tells what runs in a cgroup.</param>
/// <param name="time">For <paramref name="patience"/>.</param>
/// <param name="patience">How long one thread may take to stop; five seconds unless told.</param>
public sealed class FilterReader(ICgroupReader cgroups, TimeProvider time, TimeSpan? patience = null) : IFilterReader
{
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(5);

    public LiveFilters Read(string cgroup, bool confined)
    {
        using var freezer = new Freezer();
        return new LeafReading(() => Members(cgroup), confined, freezer, time, _patience).Read();
    }

    private IEnumerable<int> Members(string cgroup)
    {
        foreach (var line in Procs(cgroup).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            // 0: not in this pid namespace.
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid) && pid > 0)
                yield return pid;
        foreach (var child in cgroups.Children(cgroups.Layout.Primary, cgroup))
            foreach (var pid in Members($"{cgroup}/{child}"))
                yield return pid;
    }

    private string Procs(string cgroup)
    {
        try
        {
            return cgroups.Read(cgroups.Layout.Primary, cgroup, "cgroup.procs") ?? "";
        }
        catch (KernelException threaded) when (threaded.Error.Errno == Errno.EOPNOTSUPP)
        {
            return ""; // its processes are listed by the cgroup above
        }
    }
}
