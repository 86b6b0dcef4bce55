namespace Provision.Kernel.Selinux;

/// <summary>Enforcing or permissive, as setenforce(8): until the host starts again.</summary>
public sealed record SelinuxSetMode(bool Enforcing) : SelinuxOperation
{
    public override string Text => $"write enforce {(Enforcing ? 1 : 0)}";
}
