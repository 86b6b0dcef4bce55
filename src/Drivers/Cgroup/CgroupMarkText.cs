using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>What the marks of a cgroup say, and how they are written.</summary>
internal static class CgroupMarkText
{
    private const string Policy = "deletionPolicy", Spec = "spec";

    /// <summary>The mark of the spec last applied.</summary>
    public static string OfSpec(Resource resource, ObjectValue effective) => CanonicalJson.Write(new ObjectValue(
        ObjectValue.Empty.Members.Add(Policy, resource.Metadata.DeletionPolicy.ToString()).Add(Spec, effective)));

    public static ImmutableSortedDictionary<string, string?> Whole(ChangeRequest request) => Make(
        (CgroupMarks.Instance, request.Scope.Instance),
        (CgroupMarks.Stack, request.Scope.Stack),
        (CgroupMarks.Spec, OfSpec(request.Resource!, request.Effective!)),
        (CgroupMarks.Resource, request.Id.ToString()));

    public static ImmutableSortedDictionary<string, string?> Make(params ReadOnlySpan<(string Name, string? Value)> marks)
    {
        var made = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in marks)
            made[name] = value;
        return made.ToImmutable();
    }

    /// <summary>Spec and policy as recorded; a mark that cannot be read gives no spec and the careful policy.</summary>
    public static (ObjectValue? Spec, DeletionPolicy Policy) Read(string? mark)
    {
        if (mark is null || CanonicalJson.TryParse(mark) is not ObjectValue recorded)
            return (null, DeletionPolicy.Orphan);
        var policy = (recorded[Policy] as TextValue)?.Text == nameof(DeletionPolicy.Delete) ? DeletionPolicy.Delete : DeletionPolicy.Orphan;
        return (recorded[Spec] as ObjectValue, policy);
    }
}
