using Provision.Spec;

namespace Provision.Kernel.Selinux;

/// <summary>Builds the policy with this module in CIL, in place of one of its name, and loads it.</summary>
public sealed record SelinuxInstallModule(string Name, string Cil) : SelinuxOperation
{
    public override string Text => $"install policy module {Name} priority {ModuleStore.Priority} sha256:{Sha256.Hex(System.Text.Encoding.UTF8.GetBytes(Cil))}";
}
