using Provision.Reconciler;

namespace Provision.Testing.States;

/// <summary>
/// What the kernel cannot change of a thing that is there (namespaces(7), seccomp(2), cgroups(7)), written down here once
/// more: a replace needs one of these, and one of these needs a replace.
/// </summary>
internal static class ReplaceRules
{
    private static readonly Dictionary<string, string[]> Fixed = new()
    {
        ["Bridge"] = [],
        ["SecurityProfile"] = [],
        ["Cgroup"] = ["parent"],
        ["Container"] =
        [
            "rootfs", "command", "args", "env", "workingDir", "user", "namespaces", "idMap", "mounts", "devices", "cgroup", "sysctls", "terminal", "security",
        ],
    };

    /// <summary>Fails for a replace without such a field, and for such a field without a replace.</summary>
    public static void Check(Plan plan)
    {
        var replaced = new HashSet<string>();
        foreach (var change in plan.Changes)
        {
            var forced = change.Fields.Where(f => Fixed[change.Id.Kind].Contains(f.Path.ToString().Split('.', '[')[0])).Select(static f => f.Path.ToString()).ToList();
            if (change.Action == ChangeAction.Replace)
            {
                replaced.Add(change.Id.ToString());
                var container = change.ContainedIn.FirstOrDefault(c => replaced.Contains(c.ToString()));
                Assert.True(forced.Count > 0 || replaced.Contains(container.ToString()), $"{change.Id} is replaced ({change.Reason}), and nothing asks for it");
                Assert.True(forced.Exists(f => change.Reason!.Contains(f, StringComparison.Ordinal)) || change.Reason!.Contains(container.ToString(), StringComparison.Ordinal), $"{change.Id} is replaced for {change.Reason}");
            }
            else if (change.Action == ChangeAction.Update)
            {
                Assert.True(forced.Count == 0, $"{change.Id} is changed in place although {string.Join(", ", forced)} cannot be");
            }
        }
    }
}
