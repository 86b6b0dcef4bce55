using System.Collections.Immutable;

namespace Provision.Kernel.Selinux;

/// <summary>
/// Builds the policy without this module and loads it. Refused while a process runs in a type of the module: it would lose
/// its label, and with that be refused everything.
/// </summary>
/// <param name="Types">What the module declares.</param>
public sealed record SelinuxRemoveModule(string Name, ImmutableArray<string> Types) : SelinuxOperation
{
    /// <summary>Those of the labels that are of its types, sorted.</summary>
    /// <param name="labels">Of processes.</param>
    public IReadOnlyList<string> UsersAmong(IEnumerable<string> labels) =>
        [.. labels.Where(l => l.Split(':') is [_, _, var type, ..] && Types.Contains(type)).Order(StringComparer.Ordinal)];

    public override string Text => $"remove policy module {Name} priority {ModuleStore.Priority}";

    public bool Equals(SelinuxRemoveModule? other) => other is not null && base.Equals(other) && Name == other.Name && Types.SequenceEqual(other.Types);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
