using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>A spec in the form in which this host will show it; each controller knows its own part.</summary>
internal static class CgroupNormal
{
    public static ObjectValue Normalize(ObjectValue spec, CgroupControllers controllers, NormalContext context)
    {
        foreach (var controller in controllers.All)
            // A v2 controller that nobody needs is not enabled for it: its files are not there, and nothing limits.
            if (controller.NeedsEnabling && !controller.IsAskedFor(context.Resource) && !controller.Fields.Any(f => context.Live?.Live.Get(f) is not null))
                foreach (var field in controller.Fields)
                    spec = spec.With(field, null);
            else if (IsOutside(controller, context))
                context.Error(CgroupCodes.NotThere, controller.Fields.First(context.Asks),
                    $"{context.Live!.Object} is not in the {controller.Hierarchy.Name} hierarchy", "whoever made it must make it there as well");
            else
                spec = controller.Normalize(controller.WithoutLacking(spec, context), context);
        return spec;
    }

    // An adopted cgroup is not completed: where it is not, nothing can be stated of it.
    private static bool IsOutside(Controller controller, NormalContext context) =>
        !context.Owned && controller is not MissingController && controller.Fields.Any(context.Asks)
        && context.Live is { Ownership: not Ownership.Owned, State: CgroupState state } && !state.Hierarchies.Contains(controller.Hierarchy.Name);
}
