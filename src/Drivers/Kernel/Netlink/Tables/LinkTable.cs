namespace Provision.Kernel.Netlink;

/// <summary>All links of a network namespace, or those that were asked for; indexed by name, index and master.</summary>
public sealed class LinkTable
{
    private readonly Dictionary<string, Link> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Link> _byIndex = [];
    private readonly ILookup<int, Link> _byMaster;

    public LinkTable(IEnumerable<Link> links)
    {
        // A dump under churn can show one link twice: the later message is the newer.
        foreach (var link in links)
            _byIndex[link.Index] = link;
        foreach (var link in _byIndex.Values)
            _byName[link.Name] = link;
        _byMaster = _byIndex.Values.Where(static l => l.Master != 0).ToLookup(static l => l.Master);
    }

    public IReadOnlyCollection<Link> Links => _byIndex.Values;

    public Link? Find(string name) => _byName.GetValueOrDefault(name);

    public Link? Find(int index) => _byIndex.GetValueOrDefault(index);

    /// <summary>The ports of the bridge with this index, by name.</summary>
    public IEnumerable<Link> PortsOf(int index) => _byMaster[index].OrderBy(static l => l.Name, StringComparer.Ordinal);
}
