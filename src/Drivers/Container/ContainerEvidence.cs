using Provision.Kernel.Containers;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>
/// How each field of a container was read. What is given to a program when it starts is nowhere in the kernel that the
/// program could not change: it is known from the mark alone.
/// </summary>
internal static class ContainerEvidence
{
    private static readonly Evidence
        Cgroupfs = new("cgroupfs", Confidence.Kernel),
        Procfs = new("procfs", Confidence.Kernel),
        Rtnetlink = new("rtnetlink", Confidence.Kernel),
        Uname = new("uname", Confidence.Kernel),
        Counted = new("procfs", Confidence.CountOnly),
        Mark = new("xattr", Confidence.Recorded),
        Order = new("supervisor", Confidence.Recorded);

    private static readonly (Field Field, Evidence Read)[] OfAProcess =
    [
        (ContainerFields.Namespaces, Procfs),
        (RlimitFields.Rlimits, Procfs),
        (ContainerFields.OomScoreAdj, Procfs),
        (ContainerSecurity.Fields.Keep, Procfs),
        (ContainerSecurity.Fields.NoNewPrivileges, Procfs),
        (ContainerSecurity.Fields.Seccomp, Counted),
    ];

    public static Evidence Of(ValuePath path, Observed live, LeafCgroups? leaves)
    {
        if (leaves is null || live.State is not ContainerState state)
            return Mark;
        if (Is(path, ContainerFields.Resources))
            return leaves.ReadBy(path);
        if (Is(path, ContainerFields.Cgroup))
            return Cgroupfs;
        // That it runs not although it should is seen; that it need not run any more was noted when it ended.
        if (Is(path, ContainerFields.Running))
            return state.Container.IsRunning || live.Live.Flag(ContainerFields.Running) != true ? Cgroupfs : Mark;
        if (Is(path, ContainerFields.Restart) || Is(path, ContainerFields.Stop) || Is(path, ContainerFields.Logging))
            return state.IsKnown ? Order : Mark;
        if (!state.Container.IsRunning)
            return Mark;
        if (Is(path, ContainerFields.Hostname))
            return live.Live.Text(ContainerFields.Uts) == NamespaceType.Private ? Uname : Mark;
        if (Is(path, NetworkFields.Networks))
            return live.Live.Text(ContainerFields.Net) == NamespaceType.Private ? Rtnetlink : Mark;
        if (IsCompared(path, live.Live, state.Container.Process!))
            return Procfs;
        return OfAProcess.FirstOrDefault(f => Is(path, f.Field)) is { Field: not null } known ? known.Read : Mark;
    }

    // Ambient capabilities where nothing else can bring more; labels where there are any.
    private static bool IsCompared(ValuePath path, ObjectValue live, ProcessFacts process)
    {
        var fields = ContainerSecurity.Fields;
        if (Is(path, fields.Ambient))
            return live.Flag(fields.NoNewPrivileges) == true && live.Number(ContainerFields.Uid) is > 0;
        if (Is(path, fields.SelinuxType) || Is(path, fields.SelinuxLevel))
            return ContainerSecurity.IsLabelled(live) && process.SelinuxLabel is not null;
        return Is(path, fields.AppArmorProfile) && ContainerSecurity.IsProfiled(live) && process.AppArmorProfile is not null;
    }

    private static bool Is(ValuePath path, Field field) => path.IsWithin(field.Path);
}
