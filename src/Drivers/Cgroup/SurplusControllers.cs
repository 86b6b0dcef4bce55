using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// Controllers that the instance's own cgroups pass on and nothing below needs any more once a plan is done. With a
/// controller go the limits of those below: a cgroup that is not ours, or any value that is not the default, keeps it.
/// </summary>
internal sealed class SurplusControllers(ICgroupReader reader, CgroupControllers controllers, CgroupHierarchy unified, string instance)
{
    private readonly Dictionary<string, ChangeRequest> _moving = [];
    private readonly HashSet<string> _going = [];
    private readonly HashSet<(string Path, string Controller)> _wanted = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _left = [];
    private readonly string _supervisor = $"{CgroupLayout.InstanceRoot(instance)}/{LeafCgroups.Supervisor}";

    /// <summary>Of the cgroups above those that the changes touch, the lowest first.</summary>
    public IReadOnlyList<CgroupDisable> Below(string root, IReadOnlyList<ChangeRequest> changes)
    {
        foreach (var change in changes)
            Note(change, root);
        var above = changes.Where(static c => c.Live is not null)
            .SelectMany(c => Ancestors(c.Live!.Object))
            .Distinct()
            .Where(at => !_going.Contains(at) && IsOurs(at))
            .OrderByDescending(static at => at.Count(static c => c == '/'))
            .ThenBy(static at => at, StringComparer.Ordinal);
        var found = new List<CgroupDisable>();
        foreach (var at in above)
        {
            ImmutableArray<string> on = [.. EnabledControllers.Below(reader, unified, at)];
            ImmutableArray<string> surplus = [.. on.Where(c => controllers.Enabling(c) is { } known && !IsNeeded(at, known))];
            _left[at] = on.RemoveRange(surplus);
            if (!surplus.IsEmpty)
                found.Add(new CgroupDisable(at, surplus) { Undo = new CgroupEnable(at, surplus) });
        }

        return found;
    }

    /// <summary>Whether the cgroup will still pass the controller on, or is to.</summary>
    public bool PassesOn(string path, string controller) =>
        _wanted.Contains((path, controller)) || (_left.GetValueOrDefault(path) ?? EnabledControllers.Below(reader, unified, path)).Contains(controller);

    private void Note(ChangeRequest change, string root)
    {
        if (change.Live is { } live)
        {
            if (change.Action == ChangeAction.Delete && live is not { Ownership: Ownership.Owned, DeletionPolicy: DeletionPolicy.Orphan })
                _going.Add(live.Object);
            else if (change.Action == ChangeAction.Update)
                _moving[live.Object] = change;
        }

        if (change.Resource is not { } resource)
            return;
        var path = change.Action == ChangeAction.Update ? change.Live!.Object : CgroupPaths.Of(resource, change.Set, root, reader);
        foreach (var at in Ancestors(path))
            foreach (var controller in controllers.Needed(resource))
                _wanted.Add((at, controller));
    }

    private bool IsNeeded(string at, Controller controller) =>
        _wanted.Contains((at, controller.Name))
        || reader.Children(unified, at).Select(name => $"{at}/{name}").Where(child => !_going.Contains(child)).Any(child => Needs(child, controller));

    private bool Needs(string path, Controller controller)
    {
        if (PassesOn(path, controller.Name))
            return true;
        // The supervisor's is ours, and has no mark.
        if (!IsOurs(path) && path != _supervisor)
            return true;
        var live = controller.Read(new CgroupFiles(reader, unified, path), ObjectValue.Empty);
        return controller.IsSetIn(_moving.TryGetValue(path, out var change) ? Overlay.Apply(live, change.Fields.Where(f => controller.Fields.Contains(f.Path.Root))) : live);
    }

    private bool IsOurs(string path) => reader.Visit(path)?.Marks.GetValueOrDefault(CgroupMarks.Instance) == instance;

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var at = CgroupPaths.Above(path); at.Length > 0; at = CgroupPaths.Above(at))
            yield return at;
    }
}
