using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>Where the cgroups of an instance are.</summary>
internal static class CgroupPaths
{
    /// <summary>Ends every directory of ours, so that no resource's name can meet a control file's.</summary>
    public const string Suffix = ".cg";

    /// <summary>
    /// The path that a resource's cgroup has, or is to have: its parents' directories below the instance's root,
    /// each with <see cref="Suffix"/>. One that is adopted or observed may also be a plain directory of that name.
    /// </summary>
    public static string Of(Resource resource, ResourceSet set, string root, ICgroupReader reader)
    {
        var above = resource.Spec.Text(CgroupFields.Parent) is { } parent && set.Find(new ResourceId(CgroupSchema.Kind, parent)) is { } found
            ? Of(found, set, root, reader)
            : root;
        var own = $"{above}/{resource.Id.Name}{Suffix}";
        if (resource.Metadata.ManagementPolicy == ManagementPolicy.Manage)
            return own;
        var plain = $"{above}/{resource.Id.Name}";
        return !InAny(reader, own) && InAny(reader, plain) ? plain : own;
    }

    /// <summary>The directory above; "" above a hierarchy's first level.</summary>
    public static string Above(string path)
    {
        var cut = path.LastIndexOf('/');
        return cut < 0 ? "" : path[..cut];
    }

    /// <summary>The resource's name that a directory stands for.</summary>
    public static string NameOf(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    private static bool InAny(ICgroupReader reader, string path) =>
        reader.Layout.Hierarchies.Any(h => reader.Exists(h, path));
}
