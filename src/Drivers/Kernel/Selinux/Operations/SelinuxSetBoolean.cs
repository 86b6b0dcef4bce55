namespace Provision.Kernel.Selinux;

/// <summary>A boolean of the loaded policy, as setsebool(8) without -P: until the policy is loaded again.</summary>
public sealed record SelinuxSetBoolean(string Name, bool Value) : SelinuxOperation
{
    public override string Text => $"write booleans/{Name} {(Value ? 1 : 0)}";
}
