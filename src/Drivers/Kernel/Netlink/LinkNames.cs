using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>What the last messages said links are called and belong to, so that an event can name them.</summary>
internal sealed class LinkNames
{
    private readonly Dictionary<int, (string Name, int Master)> _links = [];

    public LinkNames(LinkTable links)
    {
        foreach (var link in links.Links)
            _links[link.Index] = (link.Name, link.Master);
    }

    /// <summary>Learns from a link message and adds its hints: the link, its master, and what it was called or belonged to before.</summary>
    public void Apply(bool deleted, byte family, Link link, List<KernelEvent> hints)
    {
        var known = _links.TryGetValue(link.Index, out var before);
        // AF_BRIDGE's own "deleted" says that a port left its bridge; the link itself lives on.
        var portOnly = family == Family.Bridge;
        if (deleted && !portOnly)
            _links.Remove(link.Index);
        else if (!portOnly)
            _links[link.Index] = (link.Name, link.Master);

        hints.Add(new KernelEvent(KernelEvent.Links, link.Name, Name(link.Master)));
        if (!known)
            return;
        if (before.Master != link.Master && Name(before.Master) is { } left)
            hints.Add(new KernelEvent(KernelEvent.Links, link.Name, left));
        if (before.Name != link.Name)
            hints.Add(new KernelEvent(KernelEvent.Links, before.Name));
    }

    /// <summary>A hint about a link that is known by its index only; about everything when nobody has heard of it.</summary>
    public KernelEvent About(int index) =>
        _links.TryGetValue(index, out var link)
            ? new KernelEvent(KernelEvent.Links, link.Name, Name(link.Master))
            : new KernelEvent(KernelEvent.Links, "");

    private string? Name(int index) => index != 0 && _links.TryGetValue(index, out var link) ? link.Name : null;
}
