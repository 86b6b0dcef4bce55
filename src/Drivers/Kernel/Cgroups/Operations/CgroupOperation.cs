using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>An operation on one cgroup.</summary>
/// <param name="Path">Relative to the hierarchies' mount points; "" is their root.</param>
public abstract record CgroupOperation(string Path) : Operation
{
    public sealed override string Object => Path.Length == 0 ? "/" : Path;
}
