using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>What every manifest has besides its kind's own fields.</summary>
public static class CommonFields
{
    public const string ApiVersion = "provision/v1";

    public static readonly Field Name = new(
        "name", Types.ResourceName, "The resource's name, unique among those of its kind.")
    { Required = true };

    public static readonly Field Labels = new(
        "labels", new MapType(Types.Text()), "Free names and values to select resources by.");

    public static readonly Field Annotations = new(
        "annotations", new MapType(Types.Text()), "Free names and values for people and tools; Provision does not read them.");

    public static readonly Field ManagementPolicy = new(
        "managementPolicy",
        Types.Word("Manage", "Merge", "Observe"),
        "Manage owns the object: omitted fields mean their defaults and foreign extras are removed. "
        + "Merge adopts one that exists and keeps only what is stated. Observe only reports.")
    { Default = "Manage" };

    public static readonly Field DeletionPolicy = new(
        "deletionPolicy",
        Types.Word("Delete", "Orphan"),
        "What pruning and destroying do: Delete removes the object, Orphan leaves it and takes Provision's mark away.")
    { Default = "Delete" };

    public static readonly Field PreventReplace = new(
        "preventReplace", Types.Bool, "Refuses a plan that would replace the object.")
    { Default = false };

    public static readonly Field IgnoreFields = new(
        "ignoreFields",
        new ListType(
            Types.Text(expected: "the path of a field such as memory.max or ports[eth1].cost"),
            static item => item.ToString() ?? "",
            "path"),
        "Field paths that are left as they are and reported as exempt; a path covers everything below it.");

    /// <summary>The members of <c>metadata</c>.</summary>
    public static readonly ImmutableArray<Field> Metadata =
        [Name, Labels, Annotations, ManagementPolicy, DeletionPolicy, PreventReplace, IgnoreFields];

    /// <summary><c>spec.dependsOn</c> of every kind.</summary>
    public static readonly Field DependsOn = new(
        "dependsOn",
        new ListType(Types.ReferenceAny, static item => item.ToString() ?? "", "Kind/name"),
        "Resources that must be there before this one and that outlive it; references in other fields count by themselves.")
    { NotObserved = true };
}
