using System.Collections.Immutable;

namespace Provision.Kernel.Selinux;

/// <summary>Gives objects of a tree the labels that they had; what had none keeps what it has.</summary>
public sealed record SelinuxRestoreLabels(string Path, ImmutableArray<FileLabel> Labels) : SelinuxOperation
{
    public override string Text => $"restore {Labels.Length} labels of {Path}: {string.Join(", ", Labels.Take(3).Select(static l => $"{(l.Path.Length == 0 ? "." : l.Path)} {l.Label}"))}{(Labels.Length > 3 ? ", …" : "")}";

    public bool Equals(SelinuxRestoreLabels? other) => other is not null && base.Equals(other) && Path == other.Path && Labels.SequenceEqual(other.Labels);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
