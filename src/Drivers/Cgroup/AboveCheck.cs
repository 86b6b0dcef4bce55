using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// What cgroup v2 asks of the cgroups above one. Where processes stand in it the kernel refuses memory and io
/// (EBUSY), takes cpu, cpuset and pids, and makes every cgroup below "domain invalid": one that can hold nothing.
/// </summary>
internal sealed class AboveCheck(ICgroupReader reader)
{
    // perf_event besides, which no manifest can state.
    private static readonly ImmutableArray<string> ThreadedControllers = ["cpu", "cpuset", "pids"];

    /// <param name="needed">Controllers that every cgroup above must pass on.</param>
    public void Check(ChangeRequest request, string path, ImmutableArray<string> needed, DiagnosticBag bag)
    {
        if (reader.Layout.Unified is not { } unified)
            return;
        var parent = CgroupPaths.Above(path);
        var makes = !reader.Exists(unified, path);
        for (var at = parent; ; at = CgroupPaths.Above(at))
        {
            // None: the hierarchy's own root, or one that is still to be made.
            if (reader.Read(unified, at, CgroupType.File)?.TrimEnd('\n') is { } type)
                One(at, type, makes && at == parent);
            if (at.Length == 0)
                return;
        }

        void One(string at, string type, bool makesBelow)
        {
            var off = needed.Except(EnabledControllers.Below(reader, unified, at)).Order(StringComparer.Ordinal).ToList();
            var span = request.Resource!.Source.At(CgroupFields.Parent.Path);
            var name = at.Length == 0 ? "the root of this cgroup namespace" : at;
            if (type != CgroupType.Domain)
            {
                if (makesBelow || off.Except(ThreadedControllers).Any())
                    bag.Error(CgroupCodes.ThreadedAbove,
                        $"{request.Id}: {name} is {type}: a cgroup below it holds threads, not processes"
                        + (off.Count > 0 ? $", and does not get {string.Join(", ", off)}" : ""),
                        span, "name another parent, or make that cgroup anew as a domain");
                return;
            }

            if (off.Count > 0 && CgroupState.Processes(reader, unified, at).Count is var processes and > 0)
                bag.Error(CgroupCodes.ProcessesAbove,
                    $"{request.Id}: {name} has {processes} {(processes == 1 ? "process" : "processes")} in it and so cannot pass on {string.Join(", ", off)}",
                    span, "move them into a cgroup below it");
        }
    }
}
