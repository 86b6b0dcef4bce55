using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>How limits are read.</summary>
internal static class CgroupEvidence
{
    public const string Files = "cgroupfs";

    /// <summary>bpf(2): BPF_PROG_QUERY and BPF_OBJ_GET_INFO_BY_FD.</summary>
    private const string Programs = "bpf";

    /// <param name="path">Of a Cgroup's field, or of such a field elsewhere.</param>
    public static Evidence Of(ValuePath path, CgroupLayout layout) => new(
        path.Root.Names.Contains(CgroupFields.Devices.Name) && layout.For("devices") is null ? Programs : Files, Confidence.Kernel);
}
