using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>Device rules between the manifest's items and the kernel's form.</summary>
internal static class DeviceRules
{
    public const string Allow = "allow", Deny = "deny";

    /// <summary>True when the manifest says anything about devices.</summary>
    public static bool Stated(Resource resource) => resource.Spec.Get(Devices) is not null;

    public static ObjectValue With(ObjectValue spec, string fallback, IEnumerable<DeviceRule> rules) =>
        spec.With(DevicesDefault, fallback).With(DevicesAllow, List(rules));

    public static ListValue List(IEnumerable<DeviceRule> rules) => new(
    [
        .. DeviceRule.Normal(rules).Select(Item).OrderBy(DeviceKey, StringComparer.Ordinal),
    ]);

    /// <summary>Items in normal form (by number) as rules.</summary>
    public static ImmutableArray<DeviceRule> Of(ObjectValue spec) =>
        [.. DeviceRule.Normal(spec.Objects(DevicesAllow).Select(static i => Rule(i, null)!))];

    /// <summary>Items as stated; a path that is no device is told and left out.</summary>
    public static ImmutableArray<DeviceRule> Resolve(Resource resource, NormalContext context)
    {
        var rules = new List<DeviceRule>();
        foreach (var item in resource.Spec.Objects(DevicesAllow))
            if (Rule(item, context.Reader) is { } rule)
                rules.Add(rule);
            else if (ReferenceEquals(resource, context.Resource))
                context.Error(CgroupCodes.NoDevice, $"{DevicesAllow.Path}[{DeviceKey(item)}]",
                    $"{item.Text(DevicePath)} is not a device node of this host", "name it by type, major and minor");
        return [.. DeviceRule.Normal(rules)];
    }

    private static ObjectValue Item(DeviceRule rule) => ObjectValue.Empty
        .With(DeviceType, rule.Block ? "block" : "char")
        .With(DeviceMajor, Number(rule.Major))
        .With(DeviceMinor, Number(rule.Minor))
        .With(AllowedAccess, DeviceRule.AccessText(rule.Access));

    private static DeviceRule? Rule(ObjectValue item, ICgroupReader? reader)
    {
        var access = DeviceRule.ParseAccess(item.Text(AllowedAccess) ?? "rwm") ?? DeviceAccess.All;
        if (item.Text(DevicePath) is not { } path)
            return new DeviceRule(item.Text(DeviceType) == "block", Number(item.Text(DeviceMajor)), Number(item.Text(DeviceMinor)), access);
        return reader?.Device(path) is { } node ? new DeviceRule(node.Block, node.Major, node.Minor, access) : null;
    }

    private static string Number(uint? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "*";

    private static uint? Number(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
