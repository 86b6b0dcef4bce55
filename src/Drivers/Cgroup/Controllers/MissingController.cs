using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>Stands for a controller that this host does not have: its fields can only be left out.</summary>
internal sealed class MissingController(string name, CgroupLayout layout, ImmutableArray<Field> fields)
    : Controller(name, layout.Primary, fields)
{
    public override bool NeedsEnabling => false;

    public override ObjectValue Read(CgroupFiles files, ObjectValue live) => live;

    public override ObjectValue Fresh(ObjectValue fresh) => fresh;

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        foreach (var field in Fields)
        {
            if (context.Asks(field))
                context.Error(CgroupCodes.NoController, field,
                    $"{field.Path} needs the {Name} controller, which is not there (this host has {layout.ControllersText})");
            spec = spec.With(field, null);
        }

        return spec;
    }

    public override void Write(Steps steps)
    {
    }
}
