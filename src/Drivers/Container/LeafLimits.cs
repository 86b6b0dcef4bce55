using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>The limits of a container's own cgroup, in the shape of a Cgroup's spec.</summary>
internal static class LeafLimits
{
    // Devices that do no harm, and making nodes of any: using one is what the rules are about.
    private static readonly ImmutableArray<Value> Usual =
    [
        Device("char", "1", "3", "rwm"), // null
        Device("char", "1", "5", "rwm"), // zero
        Device("char", "1", "7", "rwm"), // full
        Device("char", "1", "8", "rwm"), // random
        Device("char", "1", "9", "rwm"), // urandom
        Device("char", "5", "0", "rwm"), // tty
        Device("char", "5", "2", "rwm"), // ptmx
        Device("char", "136", "*", "rwm"), // terminals
        Device("char", "*", "*", "m"),
        Device("block", "*", "*", "m"),
    ];

    /// <summary>As if the leaf were a Cgroup of the manifests: what is stated, and the rules for devices.</summary>
    public static Resource Of(Resource container, ResourceSet? set = null)
    {
        var limits = container.Spec[ContainerFields.Resources.Name] as ObjectValue ?? ObjectValue.Empty;
        var parent = Parent(container.Spec);
        return LeafCgroups.AsCgroup(
            container, set is null ? limits : WithDevices(limits, limits, container.Spec, parent, set), parent, ContainerFields.Resources, ContainerFields.Cgroup);
    }

    /// <summary>Name of the Cgroup above; null: the instance's root.</summary>
    public static string? Parent(ObjectValue spec) => spec.Text(ContainerFields.Cgroup) is { } name && name != ContainerFields.NoCgroup ? name : null;

    /// <summary>
    /// Limits with rules for devices: the usual ones and those that the container names. A container that states rules
    /// has those; below a Cgroup that denies devices it has that one's, which it could not go beyond.
    /// </summary>
    /// <param name="stated">The limits as the manifest has them, without defaults.</param>
    public static ObjectValue WithDevices(ObjectValue limits, ObjectValue stated, ObjectValue spec, string? parent, ResourceSet set)
    {
        var devices = stated["devices"] as ObjectValue;
        var named = spec.Objects(ContainerFields.Devices).Select(static d => Rule(("path", d.Text(ContainerFields.DevicePath)!), d.Text(ContainerFields.DeviceAccess) ?? "rwm"));
        if (devices is null && LeafCgroups.DeniesAbove(parent, set))
            return limits;
        if (devices is not null && devices["default"]?.ToString() != "deny")
            return limits;
        var rules = devices is null
            ? Usual
            : (devices["allow"] as ListValue)?.Items ?? [];
        return new ObjectValue(limits.Members.SetItem("devices", new ObjectValue(ObjectValue.Empty.Members
            .Add("default", "deny")
            .Add("allow", new ListValue([.. rules.Concat(named)])))));
    }

    private static Value Device(string type, string major, string minor, string access) => Rule(access, ("type", type), ("major", major), ("minor", minor));

    private static Value Rule((string Name, string Value) member, string access) => Rule(access, member);

    private static Value Rule(string access, params ReadOnlySpan<(string Name, string Value)> members)
    {
        var rule = ObjectValue.Empty.Members.Add("access", access);
        foreach (var (name, value) in members)
            rule = rule.Add(name, value);
        return new ObjectValue(rule);
    }
}
