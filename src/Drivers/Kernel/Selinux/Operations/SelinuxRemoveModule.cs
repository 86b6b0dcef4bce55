using System.Collections.Immutable;

namespace Provision.Kernel.Selinux;

/// <summary>
/// Builds the policy without this module and loads it. Refused while a process runs in a type of the module: it would lose
/// its label, and with that be refused everything.
/// </summary>
/// <param name="Types">What the module declares.</param>
public sealed record SelinuxRemoveModule(string Name, ImmutableArray<string> Types) : SelinuxOperation
{
    public override string Text => $"remove policy module {Name} priority {ModuleStore.Priority}";

    public bool Equals(SelinuxRemoveModule? other) => other is not null && base.Equals(other) && Name == other.Name && Types.SequenceEqual(other.Types);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
