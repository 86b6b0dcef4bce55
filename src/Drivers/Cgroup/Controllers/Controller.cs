using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>One controller in one kind of hierarchy: its fields to files and back.</summary>
internal abstract class Controller(string name, CgroupHierarchy hierarchy, ImmutableArray<Field> fields)
{
    /// <summary>The kernel's name: <c>memory</c>; io is <c>blkio</c> on cgroup v1.</summary>
    public string Name { get; } = name;

    public CgroupHierarchy Hierarchy { get; } = hierarchy;

    /// <summary>The leaves of the spec that it answers for.</summary>
    public ImmutableArray<Field> Fields { get; } = fields;

    /// <summary>True where its files exist only after the parent has enabled it (cgroup.subtree_control).</summary>
    public virtual bool NeedsEnabling => Hierarchy.Unified;

    /// <summary>Adds what the files say; what is not there stays absent.</summary>
    public abstract ObjectValue Read(CgroupFiles files, ObjectValue live);

    /// <summary>What a cgroup has that was just made, for the fields whose value is known beforehand.</summary>
    public abstract ObjectValue Fresh(ObjectValue fresh);

    /// <summary>What the files will say once this spec holds; what cannot hold on this host goes to the context's bag.</summary>
    public abstract ObjectValue Normalize(ObjectValue spec, NormalContext context);

    /// <summary>The writes from one state to the other; called only when one of <see cref="Fields"/> differs.</summary>
    public abstract void Write(Steps steps);

    protected CgroupFiles Files(ICgroupReader reader, string path) => new(reader, Hierarchy, path);
}
