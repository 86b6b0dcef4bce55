using System.Collections.Immutable;
using Provision.Kernel.Selinux;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>What is at the path of a declared label.</summary>
/// <param name="Different">Objects with another type or level, the first of them up to <see cref="Most"/>.</param>
/// <param name="IsKept">All of them are there: their labels can come back.</param>
internal sealed record LiveContext(ImmutableArray<FileLabel> Different, bool IsKept)
{
    /// <summary>What a plan keeps of one tree.</summary>
    private const int Most = 10_000;

    /// <summary>Null where there is nothing of the name.</summary>
    /// <exception cref="Reconciler.KernelException">It cannot be read.</exception>
    public static LiveContext? Read(ISelinuxReader reader, ObjectValue declared)
    {
        var wanted = new FileLabel("", Label(declared)).Parts;
        if (reader.Labels(declared.Text(SelinuxPolicyFields.ContextPath)!, Recurses(declared)) is not { } labels)
            return null;
        ImmutableArray<FileLabel> different = [.. labels.Where(l => l.Parts != wanted).Take(Most + 1)];
        return new LiveContext(different, different.Length <= Most);
    }

    public static string Label(ObjectValue declared) =>
        $"system_u:object_r:{declared.Text(SelinuxPolicyFields.ContextType)}:{declared.Text(SelinuxPolicyFields.ContextLevel) ?? "s0"}";

    public static bool Recurses(ObjectValue declared) => declared.Flag(SelinuxPolicyFields.ContextRecurse) != false;

    /// <summary>In the shape of the declaration: as declared, or as the first object that differs.</summary>
    public ObjectValue Value(ObjectValue declared)
    {
        if (Different.IsEmpty)
            return declared;
        var (type, level) = Different[0].Parts;
        return declared.With(SelinuxPolicyFields.ContextType, type).With(SelinuxPolicyFields.ContextLevel, level);
    }
}
