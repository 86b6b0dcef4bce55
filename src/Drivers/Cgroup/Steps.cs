using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>Collects the writes of one change, in order.</summary>
/// <param name="from">Live state, or for a new cgroup what the kernel makes of it.</param>
/// <param name="to">The same with every wanted change in it.</param>
/// <param name="live">Null for a new cgroup: its removal takes every write back.</param>
internal sealed class Steps(string path, ObjectValue from, ObjectValue to, CgroupState? live)
{
    private readonly List<Operation> _now = [];
    private readonly List<Operation> _late = [];

    public string Path { get; } = path;

    public ObjectValue From { get; } = from;

    public ObjectValue To { get; } = to;

    public bool IsNew => live is null;

    public bool HasChildren => live is { Children.Length: > 0 };

    /// <summary>Everything, what has to wait for dependents last.</summary>
    public IEnumerable<Operation> All => _now.Concat(_late);

    public bool Differs(Field field) => !Equals(From.Get(field), To.Get(field));

    public long Number(Field field, bool old = false) => (old ? From : To).Number(field) ?? NumberValue.Max;

    /// <summary>A write, and the one that takes it back (null: nothing to take back).</summary>
    /// <param name="late">Waits until the cgroups below have done theirs.</param>
    public void Write(CgroupHierarchy hierarchy, Field field, string file, string value, string? undo, bool late = false) =>
        (late ? _late : _now).Add(new CgroupWrite(hierarchy.Name, Path, file, value)
        {
            Field = field.Path,
            Undo = undo is null || IsNew ? null : new CgroupWrite(hierarchy.Name, Path, file, undo),
            AfterDependents = late,
        });

    public void Add(Operation operation) => _now.Add(operation);

    /// <summary>Gives the operation added last something that takes it back.</summary>
    public void UndoLast(Operation undo)
    {
        if (!IsNew)
            _now[^1] = _now[^1] with { Undo = undo };
    }
}
