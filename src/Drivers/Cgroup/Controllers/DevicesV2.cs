using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>A program of type BPF_CGROUP_DEVICE on the cgroup: none allows everything; programs above are asked as well.</summary>
internal sealed class DevicesV2(CgroupHierarchy hierarchy) : Controller("devices", hierarchy, [DevicesDefault, DevicesAllow])
{
    public override bool NeedsEnabling => false;

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        if (!files.Has("cgroup.procs"))
            return live;
        return files.Reader.DevicePrograms(Hierarchy, files.Path) switch
        {
            [] => DeviceRules.With(live, DeviceRules.Allow, []),
            [{ Allow: { } rules }] => DeviceRules.With(live, DeviceRules.Deny, rules),
            // Shown as they are, and so never equal to what a manifest says.
            [var foreign] => DeviceRules.With(live, $"program {foreign.Tag}", []),
            var several => DeviceRules.With(live, $"{several.Length} programs", []),
        };
    }

    public override ObjectValue Fresh(ObjectValue fresh) => DeviceRules.With(fresh, DeviceRules.Allow, []);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        if (!context.Owned && spec.Get(DevicesAllow) is null)
            return spec;
        return DeviceRules.With(spec, spec.Text(DevicesDefault) ?? DeviceRules.Allow, DeviceRules.Resolve(context.Resource, context));
    }

    public override void Write(Steps steps)
    {
        // A foreign program that was replaced is gone: the rules can come back only where we could read them.
        var foreign = !steps.IsNew && steps.From.Text(DevicesDefault) is not (null or DeviceRules.Allow or DeviceRules.Deny);
        steps.Add(Operation(steps.Path, steps.To) with
        {
            Field = Devices.Path,
            ReplacesForeign = foreign,
            Undo = steps.IsNew || foreign ? null : Operation(steps.Path, steps.From),
        });
    }

    private static CgroupDevices Operation(string path, ObjectValue spec) =>
        new(path, spec.Text(DevicesDefault) == DeviceRules.Deny ? DeviceRules.Of(spec) : null);
}
