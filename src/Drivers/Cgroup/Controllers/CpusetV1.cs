using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// cpuset.cpus and cpuset.mems of cgroup v1, cpuset(7): every cgroup has sets of its own, and each lies within its
/// parent's at every moment (EACCES above, EBUSY below).
/// </summary>
internal sealed class CpusetV1(CgroupHierarchy hierarchy) : Controller("cpuset", hierarchy, [Cpus, Mems, Partition])
{
    public override ObjectValue Read(CgroupFiles files, ObjectValue live) =>
        live.With(Cpus, Set(files, Cpus)).With(Mems, Set(files, Mems));

    // CgroupCreate gives it what its parent has at that moment.
    public override ObjectValue Fresh(ObjectValue fresh) => fresh;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        if (context.Asks(Partition))
            context.Error(CgroupCodes.NotOnV1, Partition, "cpuset.partition needs cgroup v2; this host's cpuset is cgroup v1");
        spec = spec.With(Partition, null);
        foreach (var field in new[] { Cpus, Mems })
            if (spec.Get(field) is not null)
                spec = spec.With(field, ComesByItself(field, context) ? null : Resolve(context.Resource, field, context));
        return spec;
    }

    public override void Write(Steps steps)
    {
        foreach (var field in new[] { Cpus, Mems })
        {
            if (!steps.Differs(field) || steps.To.Text(field) is not { } wanted)
                continue;
            var current = steps.From.Text(field) ?? "";
            var (old, now) = (CpuList.Parse(current), CpuList.Parse(wanted));
            var undo = current.Length == 0 ? null : current;
            if (!steps.HasChildren || now.IsSupersetOf(old))
            {
                steps.Write(Hierarchy, field, File(field), wanted, undo);
                continue;
            }

            // Children may hold what is to go and want what is to come: first both, at the end the new set.
            var both = CpuList.Format(old.Union(now));
            if (both != current)
                steps.Write(Hierarchy, field, File(field), both, undo);
            steps.Write(Hierarchy, field, File(field), wanted, both, late: true);
        }
    }

    private static string File(Field field) => ReferenceEquals(field, Cpus) ? "cpuset.cpus" : "cpuset.mems";

    private static Value? Set(CgroupFiles files, Field field) => files.Text(File(field)) is { } text ? new TextValue(CpuList.Format(CpuList.Parse(text))) : null;

    // A cgroup that is to be made gets its parent's set by being made, unless the parent's is still to change.
    private bool ComesByItself(Field field, NormalContext context)
    {
        if (context.Live is not null || Stated(context.Resource, field) is not null)
            return false;
        var parent = CgroupPaths.Above(CgroupPaths.Of(context.Resource, context.Set, context.Root, context.Reader));
        return Set(Files(context.Reader, parent), field) is not { } live || live.Equals(Resolve(context.Resource, field, context));
    }

    // Its own set; else the nearest above; else the top's. What the top does not have, nothing can have.
    private Value? Resolve(Resource resource, Field field, NormalContext context)
    {
        var top = Set(Files(context.Reader, ""), field) is TextValue all ? CpuList.Parse(all.Text) : [];
        if (Stated(resource, field) is not { } own)
        {
            var above = CgroupCheck.Above<string>(resource, context.Set, r => Stated(r, field) ?? Adopted(r, field, context));
            return above is { } found ? found.Value : CpuList.Format(top);
        }

        var beyond = CpuList.Parse(own).Except(top).ToList();
        if (beyond.Count > 0 && ReferenceEquals(resource, context.Resource))
            context.Error(CgroupCodes.NoSuchCpu, field, $"{field.Path}: this host has {CpuList.Format(top)}, not {CpuList.Format(beyond)}");
        return own;
    }

    private static string? Stated(Resource resource, Field field) =>
        resource.Spec.Text(field) is { } text && text != CpusetType.Inherit ? text : null;

    private string? Adopted(Resource resource, Field field, NormalContext context) =>
        resource.Metadata.ManagementPolicy == ManagementPolicy.Manage
            ? null
            : (Set(Files(context.Reader, CgroupPaths.Of(resource, context.Set, context.Root, context.Reader)), field) as TextValue)?.Text;
}
