using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel;

/// <summary>
/// Sets and removes marks (extended attributes) on the primary hierarchy's directory, in the order of
/// <see cref="CgroupMarks.All"/>: the one that makes a mark whole is set last and removed first.
/// </summary>
/// <param name="Marks">By name without prefix; null removes.</param>
public sealed record CgroupMark(string Path, ImmutableSortedDictionary<string, string?> Marks) : CgroupOperation(Path)
{
    private const int ShownWhole = 64;

    public override string Text => Marks.Values.All(static v => v is null)
        ? $"unmark {string.Join(' ', Marks.Keys)}"
        : $"mark {string.Join(' ', Marks.Select(static m => $"{m.Key}={Show(m.Value)}"))}";

    public bool Equals(CgroupMark? other) => other is not null && base.Equals(other) && Marks.SequenceEqual(other.Marks);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    // A whole spec would drown the plan; its digest tells it apart as well.
    private static string Show(string? value) => value switch
    {
        null => "(none)",
        { Length: > ShownWhole } => $"sha256:{Sha256.Hex(value)[..16]}",
        _ when value.StartsWith('{') => $"sha256:{Sha256.Hex(value)[..16]}",
        _ => value,
    };
}
