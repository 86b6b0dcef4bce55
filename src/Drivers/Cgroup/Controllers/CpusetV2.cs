using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>cpuset.cpus, cpuset.mems and cpuset.cpus.partition of cgroup v2: an empty set means the parent's.</summary>
internal sealed class CpusetV2(CgroupHierarchy hierarchy) : Controller("cpuset", hierarchy, [Cpus, Mems, Partition])
{
    private const string CpusFile = "cpuset.cpus", MemsFile = "cpuset.mems", PartitionFile = "cpuset.cpus.partition";

    public override ObjectValue Read(CgroupFiles files, ObjectValue live) => live
        .With(Cpus, Set(files.Text(CpusFile)))
        .With(Mems, Set(files.Text(MemsFile)))
        .With(Partition, Domain(files.Text(PartitionFile)));

    public override ObjectValue Fresh(ObjectValue fresh) =>
        fresh.With(Cpus, CpusetType.Inherited).With(Mems, CpusetType.Inherited).With(Partition, "member");

    // Linux 5.0.
    public override ImmutableArray<(Field Field, string File)> Optional => [(Partition, PartitionFile)];

    protected override Field Proof => Cpus;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        // The root's own set says less: what partitions have taken is not in it.
        foreach (var (field, online) in new[] { (Cpus, context.Reader.OnlineCpus), (Mems, context.Reader.OnlineNodes) })
            if (context.Resource.Spec.Text(field) is { } stated && stated != CpusetType.Inherit && online is not null
                && CpuList.Parse(stated).Except(CpuList.Parse(online)).ToList() is { Count: > 0 } beyond)
                context.Error(CgroupCodes.NoSuchCpu, field, $"{field.Path}: this host has {online}, not {CpuList.Format(beyond)}");
        return spec;
    }

    public override void Write(Steps steps)
    {
        // A partition root needs its CPUs first, and gives them up last.
        var partition = steps.Differs(Partition) && steps.To.Text(Partition) is not null;
        var leaves = partition && steps.To.Text(Partition) == "member";
        if (leaves)
            WritePartition(steps);
        if (steps.Differs(Cpus))
            steps.Write(Hierarchy, Cpus, CpusFile, Text(steps.To, Cpus), Text(steps.From, Cpus));
        if (steps.Differs(Mems))
            steps.Write(Hierarchy, Mems, MemsFile, Text(steps.To, Mems), Text(steps.From, Mems));
        if (partition && !leaves)
            WritePartition(steps);
    }

    private void WritePartition(Steps steps)
    {
        steps.Write(Hierarchy, Partition, PartitionFile, steps.To.Text(Partition)!, null);
        // What was there comes back as it was, "root invalid" too: without the check that a wanted partition gets.
        steps.UndoLast(new CgroupWrites(Hierarchy.Name, steps.Path, [(PartitionFile, (steps.From.Text(Partition) ?? "member").Split(' ')[0])]));
    }

    // An empty string would be no write at all: a newline clears the set.
    private static string Text(ObjectValue spec, Field field) =>
        spec.Text(field) is { } set && set != CpusetType.Inherit ? set : "\n";

    private static Value? Set(string? text) => text switch
    {
        null => null,
        "" => CpusetType.Inherited,
        _ => CpuList.Format(CpuList.Parse(text)),
    };

    // "root invalid (Cpu list in cpuset.cpus not exclusive)": not what was asked for, and shown as it is.
    private static Value? Domain(string? text) => text is null ? null : new TextValue(text);
}
