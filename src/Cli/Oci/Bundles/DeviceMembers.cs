using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary><c>linux.resources.devices</c>: the last rule that meets a device decides.</summary>
internal static class DeviceMembers
{
    // What every container may use, and that nodes may be made as long as they cannot be used (config-linux.md, Default
    // Devices; runc and crun alike).
    private static readonly ImmutableArray<DeviceRule> Always =
    [
        new(false, null, null, DeviceAccess.Mknod), new(true, null, null, DeviceAccess.Mknod),
        new(false, 1, 3, DeviceAccess.All), new(false, 1, 5, DeviceAccess.All), new(false, 1, 7, DeviceAccess.All),
        new(false, 1, 8, DeviceAccess.All), new(false, 1, 9, DeviceAccess.All), new(false, 5, 0, DeviceAccess.All),
        new(false, 5, 1, DeviceAccess.All), new(false, 5, 2, DeviceAccess.All), new(false, 136, null, DeviceAccess.All),
    ];

    /// <summary>Rules of a v2 program, null where everything is allowed; on v1, values for devices.allow and devices.deny.</summary>
    /// <param name="nodes">Those of <c>linux.devices</c>, which may be used.</param>
    public static ImmutableArray<DeviceRule>? Read(Member list, IReadOnlyList<DeviceSpec> nodes, bool unified, List<RuntimeLimit> to)
    {
        var denies = false;
        var allowed = new List<DeviceRule>();
        foreach (var member in list.Items())
        {
            var allow = member["allow"].Flag();
            if (Rules(member) is not { } rules)
                continue;
            var everything = rules is [{ Major: null, Minor: null, Access: DeviceAccess.All }, _];
            if (everything)
            {
                denies = !allow;
                allowed.Clear();
            }
            else if (allow)
            {
                allowed.AddRange(rules);
            }
            else if (denies)
            {
                allowed.RemoveAll(a => rules.Exists(r => r.Covers(a)));
                if (allowed.Exists(a => rules.Exists(r => Overlap(a, r))))
                    member.Refuse("it takes back a part of what an earlier rule allows");
            }
            else
            {
                member.Refuse("a single device is denied where all others are allowed: deny all first");
            }
        }

        if (!denies)
            return null;
        ImmutableArray<DeviceRule> all =
            [.. DeviceRule.Normal([.. allowed, .. Always, .. nodes.Select(static n => new DeviceRule(n.Type == DeviceType.Block, n.Major, n.Minor, DeviceAccess.All))])];
        if (unified)
            return all;
        to.Add(new("devices", "devices.deny", "a"));
        foreach (var rule in all)
            to.Add(new("devices", "devices.allow", rule.ToString()));
        return null;
    }

    private static bool Overlap(DeviceRule one, DeviceRule other) =>
        one.Block == other.Block && (one.Access & other.Access) != 0
        && (one.Major is null || other.Major is null || one.Major == other.Major) && (one.Minor is null || other.Minor is null || one.Minor == other.Minor);

    private static List<DeviceRule>? Rules(Member member)
    {
        var access = DeviceRule.ParseAccess(member["access"].Filled() ?? "rwm");
        if (access is null)
            member["access"].Refuse("must be of r, w and m");
        var type = member["type"].Filled() ?? "a";
        if (type is not ("a" or "b" or "c" or "u"))
            member["type"].Refuse("must be a, b or c");
        if (access is null)
            return null;
        var (major, minor) = (Number(member["major"]), Number(member["minor"]));
        return type == "a" ? [new(false, major, minor, access.Value), new(true, major, minor, access.Value)] : [new(type == "b", major, minor, access.Value)];
    }

    // -1 is every number, as is none.
    private static uint? Number(Member member) => member.Number() is >= 0 and <= uint.MaxValue and var number ? (uint)number : null;
}
