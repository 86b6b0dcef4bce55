using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// devices.allow, devices.deny and devices.list (Documentation/admin-guide/cgroup-v1/devices.rst). A cgroup is made
/// with its parent's rules and can never have more. Exceptions to "allow everything" cannot be read and are not used.
/// </summary>
internal sealed class DevicesV1(CgroupHierarchy hierarchy) : Controller("devices", hierarchy, [DevicesDefault, DevicesAllow])
{
    private const string AllowFile = "devices.allow", DenyFile = "devices.deny", All = "a";

    private sealed record Rules(string Default, ImmutableArray<DeviceRule> Allow);

    public override ObjectValue Read(CgroupFiles files, ObjectValue live) =>
        Live(files) is { } rules ? DeviceRules.With(live, rules.Default, rules.Allow) : live;

    /// <summary>A name for what no field can state: the diff goes on with devices.allow, the reports tell of it.</summary>
    public const string Exceptions = "devices.exceptions";

    public override IEnumerable<(string Path, string Why)> Unreadable(ObjectValue live) => live.Text(DevicesDefault) == DeviceRules.Allow
        ? [(Exceptions, "cgroup v1 does not show what was denied where the default is to allow")]
        : [];

    // It is made with its parent's.
    public override ObjectValue Fresh(ObjectValue fresh) => fresh;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        if (!DeviceRules.Stated(context.Resource))
        {
            if (!context.Owned || context.Live is null)
                return spec.With(Devices, null);
            var inherited = Above(context);
            return DeviceRules.With(spec, inherited.Default, inherited.Allow);
        }

        var own = Stated(context.Resource, context);
        var above = Above(context);
        if (above.Default == DeviceRules.Deny)
        {
            if (own.Default == DeviceRules.Allow)
                context.Error(CgroupCodes.BeyondParent, DevicesDefault, "devices.default cannot be allow below a cgroup that denies by default");
            foreach (var rule in own.Allow.Where(r => !above.Allow.Any(a => a.Covers(r))))
                context.Error(CgroupCodes.BeyondParent, DevicesAllow, $"devices.allow has {rule}, which the cgroup above does not allow");
        }

        if (!context.Owned && spec.Get(DevicesAllow) is null)
            return spec;
        return DeviceRules.With(spec, own.Default, own.Allow);
    }

    public override void Write(Steps steps)
    {
        var (from, to) = (Of(steps.From), Of(steps.To));
        if (to is null)
            return;
        if (from?.Default == to.Default && to.Default == DeviceRules.Deny)
        {
            Adjust(steps, from.Allow, to.Allow);
            return;
        }

        if (to.Default == DeviceRules.Allow)
        {
            // A new cgroup may have this only where its parent has it, and then it has it from birth.
            if (from is null)
                return;
            steps.Add(new CgroupWrite(Hierarchy.Name, steps.Path, AllowFile, All)
            {
                Field = DevicesDefault.Path,
                Undo = new CgroupWrites(Hierarchy.Name, steps.Path, [(DenyFile, All), .. from.Allow.Select(static r => (AllowFile, r.ToString()))]),
            });
            return;
        }

        steps.Write(Hierarchy, DevicesDefault, DenyFile, All, null);
        steps.UndoLast(new CgroupWrite(Hierarchy.Name, steps.Path, AllowFile, All));
        foreach (var rule in to.Allow)
            steps.Write(Hierarchy, DevicesAllow, AllowFile, rule.ToString(), null);
    }

    private void Adjust(Steps steps, ImmutableArray<DeviceRule> from, ImmutableArray<DeviceRule> to)
    {
        var (old, now) = (from.ToDictionary(static r => r.Device), to.ToDictionary(static r => r.Device));
        foreach (var (device, rule) in old)
            Change(DenyFile, AllowFile, rule with { Access = rule.Access & ~(now.GetValueOrDefault(device)?.Access ?? DeviceAccess.None) });
        foreach (var (device, rule) in now)
            Change(AllowFile, DenyFile, rule with { Access = rule.Access & ~(old.GetValueOrDefault(device)?.Access ?? DeviceAccess.None) });

        void Change(string file, string opposite, DeviceRule rule)
        {
            if (rule.Access == DeviceAccess.None)
                return;
            steps.Write(Hierarchy, DevicesAllow, file, rule.ToString(), null);
            steps.UndoLast(new CgroupWrite(Hierarchy.Name, steps.Path, opposite, rule.ToString()));
        }
    }

    private static Rules? Live(CgroupFiles files)
    {
        if (files.Text("devices.list") is not { } text)
            return null;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Any(static l => l.StartsWith("a ", StringComparison.Ordinal))
            ? new Rules(DeviceRules.Allow, [])
            : new Rules(DeviceRules.Deny, [.. DeviceRule.Normal(lines.Select(DeviceRule.Parse).OfType<DeviceRule>())]);
    }

    private static Rules? Of(ObjectValue spec) =>
        spec.Text(DevicesDefault) is { } fallback ? new Rules(fallback, DeviceRules.Of(spec)) : null;

    private static Rules Stated(Resource resource, NormalContext context) =>
        new(resource.Spec.Text(DevicesDefault) ?? DeviceRules.Allow, DeviceRules.Resolve(resource, context));

    // Of the nearest cgroup above that states any, or is adopted; else the instance root's; else everything.
    private Rules Above(NormalContext context)
    {
        var above = CgroupCheck.Above(context.Resource, context.Set, r =>
            DeviceRules.Stated(r) ? Stated(r, context)
            : r.Metadata.ManagementPolicy == ManagementPolicy.Manage ? null
            : Live(Files(context.Reader, CgroupPaths.Of(r, context.Set, context.Root, context.Reader))));
        return above?.Value ?? Live(Files(context.Reader, context.Root)) ?? new Rules(DeviceRules.Allow, []);
    }
}
