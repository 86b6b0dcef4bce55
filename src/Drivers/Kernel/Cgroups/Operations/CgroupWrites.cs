using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>Several values that belong together, written in order; used to take back a step that replaced them all.</summary>
/// <param name="Values">File and value.</param>
public sealed record CgroupWrites(string Hierarchy, string Path, ImmutableArray<(string File, string Value)> Values) : CgroupOperation(Path)
{
    public override string Text => string.Join("; ", Values.Select(static v => $"write {v.File} {v.Value}"));

    public bool Equals(CgroupWrites? other) => other is not null && base.Equals(other)
        && Hierarchy == other.Hierarchy && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
