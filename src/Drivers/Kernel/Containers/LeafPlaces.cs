using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>
/// Where the leaf cgroups of containers are. Remembers where they were: a look at a few in a host of many need not walk
/// through all cgroups. What is not where it was is looked for. Safe for several threads.
/// </summary>
internal sealed class LeafPlaces(DirectoryReader root)
{
    private readonly Lock _turn = new();
    private Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private string? _instance;

    /// <summary>Paths of the instance's leaves, all or those of these containers.</summary>
    public IReadOnlyList<string> Find(string instance, IReadOnlySet<string>? only)
    {
        lock (_turn)
        {
            if (only is not null && instance == _instance && only.All(name => _known.TryGetValue(name, out var leaf) && root.Exists(leaf)))
                return [.. only.Select(name => _known[name])];
            var all = Adoption.Leaves(root, CgroupLayout.InstanceRoot(instance)).ToList();
            _known = new Dictionary<string, string>(all.Count, StringComparer.Ordinal);
            var doubled = new List<string>();
            foreach (var leaf in all)
                // Of two with one name nothing is remembered, so that both are found again.
                if (!_known.TryAdd(NameOf(leaf), leaf))
                    doubled.Add(NameOf(leaf));
            foreach (var name in doubled)
                _known.Remove(name);
            _instance = instance;
            return only is null ? all : [.. all.Where(leaf => only.Contains(NameOf(leaf)))];
        }
    }

    public static string NameOf(string leaf) => Path.GetFileName(leaf)[..^IContainerReader.Suffix.Length];
}
