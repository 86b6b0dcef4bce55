using Provision.Reconciler;

namespace Provision.Kernel.Selinux;

/// <summary>An operation on the host's SELinux.</summary>
public abstract record SelinuxOperation : Operation
{
    public sealed override string Object => "selinux";
}
