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

    /// <summary>Whether the manifest wants anything that a cgroup does not have without the controller.</summary>
    public bool IsAskedFor(Resource resource) =>
        Fields.Any(f => resource.Spec.Get(f) is { } value && !IsDefault(f, value) && !resource.Metadata.IgnoreFields.Any(ValuePath.Of(f).IsWithin));

    /// <summary>The same of a live state.</summary>
    public bool IsSetIn(ObjectValue live) => Fields.Any(f => live.Get(f) is { } value && !IsDefault(f, value));

    /// <summary>Whether the value is, or will be rounded to, what a cgroup has without the controller.</summary>
    protected virtual bool IsDefault(Field field, Value value) => value.Equals(field.Default) || value is ListValue { Items.IsEmpty: true };

    /// <summary>Adds what the files say; what is not there stays absent.</summary>
    public abstract ObjectValue Read(CgroupFiles files, ObjectValue live);

    /// <summary>What a cgroup has that was just made, for the fields whose value is known beforehand.</summary>
    public abstract ObjectValue Fresh(ObjectValue fresh);

    /// <summary>What the files will say once this spec holds; what cannot hold on this host goes to the context's bag.</summary>
    public abstract ObjectValue Normalize(ObjectValue spec, NormalContext context);

    /// <summary>The writes from one state to the other; called only when one of <see cref="Fields"/> differs.</summary>
    public abstract void Write(Steps steps);

    /// <summary>Fields whose file a kernel can lack though it has the controller, with the file.</summary>
    public virtual ImmutableArray<(Field Field, string File)> Optional => [];

    /// <summary>A field that shows that the controller's files are there.</summary>
    protected virtual Field? Proof => null;

    /// <summary>What cannot be read of this cgroup, with the reason.</summary>
    public virtual IEnumerable<(string Path, string Why)> Unreadable(ObjectValue live) => Lacks(live).Select(static l => (l.Field.Path, $"this kernel has no {l.File}"));

    /// <summary>The spec without what this kernel lacks; what was asked for of it is an error.</summary>
    public ObjectValue WithoutLacking(ObjectValue spec, NormalContext context)
    {
        foreach (var (field, file) in Lacks(context.Live?.Live ?? Sample(context)))
        {
            if (context.Asks(field))
                context.Error(CgroupCodes.NoFile, field, $"{field.Path}: this kernel has no {file}");
            spec = spec.With(field, null);
        }

        return spec;
    }

    // Before there is a cgroup, somebody else's shows what this kernel's have; without any, only making one tells.
    private ObjectValue Sample(NormalContext context)
    {
        const int enough = 16;
        if (Proof is not { } proof || !Optional.Any(o => context.Asks(o.Field)))
            return ObjectValue.Empty;
        foreach (var child in context.Reader.Children(Hierarchy, "").Take(enough))
            if (Read(Files(context.Reader, child), ObjectValue.Empty) is var shown && shown.Get(proof) is not null)
                return shown;
        return ObjectValue.Empty;
    }

    private IEnumerable<(Field Field, string File)> Lacks(ObjectValue live) =>
        Proof is { } proof && live.Get(proof) is not null ? Optional.Where(o => live.Get(o.Field) is null) : [];

    protected CgroupFiles Files(ICgroupReader reader, string path) => new(reader, Hierarchy, path);
}
