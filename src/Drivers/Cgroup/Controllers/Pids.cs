using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>pids.max, the same on both versions.</summary>
internal sealed class Pids(CgroupHierarchy hierarchy) : Controller("pids", hierarchy, [PidsLimit])
{
    private const string Max = "pids.max";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live) => live.With(PidsLimit, files.Number(Max));

    public override ObjectValue Fresh(ObjectValue fresh) => fresh.With(PidsLimit, NumberValue.Max);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context) => spec;

    public override void Write(Steps steps) => steps.Write(Hierarchy, PidsLimit, Max,
        CgroupFiles.Format(steps.Number(PidsLimit)), CgroupFiles.Format(steps.Number(PidsLimit, old: true)));
}
