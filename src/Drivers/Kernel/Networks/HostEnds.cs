using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>The host's side of the pairs: made, corrected and read back in a few batches however many there are.</summary>
internal sealed class HostEnds(RtnetlinkReader reader, RtnetlinkExecutor executor)
{
    /// <summary>Gives every piece of work a <see cref="InterfaceWork.Host"/> as it should be, or an error.</summary>
    /// <exception cref="KernelException">The host's links cannot be read.</exception>
    public void Prepare(IReadOnlyList<InterfaceWork> all)
    {
        Follow(all);
        var links = Read(all);
        var ids = Ids(all);
        var stale = new List<InterfaceWork>();
        foreach (var work in all)
            Judge(work, links, ids[work.Request.Network], stale);
        Remove(stale);
        Make(all, links);
        Correct(all, links);
        links = Read(all);
        // A namespace that had no number has one since a link from here leads there.
        ids = Ids(all);
        foreach (var work in Open(all))
            Confirm(work, links, ids[work.Request.Network]);
    }

    /// <summary>Takes back what this call made.</summary>
    public void TakeBack(IEnumerable<InterfaceWork> made)
    {
        var works = made.ToList();
        var errors = Execute([.. works.Select(static w => new LinkDelete(w.HostEnd))]);
        for (var i = 0; i < works.Count; i++)
            works[i].Changed = works[i].Replaced || errors[i] is not (null or { Errno: Errno.ENODEV });
    }

    private static IEnumerable<InterfaceWork> Open(IEnumerable<InterfaceWork> all) => all.Where(static w => w.Error is null);

    private LinkTable Read(IEnumerable<InterfaceWork> all) =>
        reader.ReadLinks(Open(all).SelectMany(static w => (string[])[w.HostEnd, w.Desired.Bridge]));

    // A bridge that has another name meanwhile: a change of its port is taken back before its rename is.
    private void Follow(IReadOnlyList<InterfaceWork> all)
    {
        var known = all.Where(static w => w.Request.Attachment.BridgeIndex is not null).ToList();
        if (known.Count == 0)
            return;
        var links = Read(known);
        var byIndex = reader.ReadLinks(known.Select(static w => w.Request.Attachment.BridgeIndex!.Value));
        foreach (var work in known)
            if (links.Find(work.Desired.Bridge) is null && byIndex.Find(work.Request.Attachment.BridgeIndex!.Value) is { IsBridge: true } bridge)
                work.Desired = work.Desired with { Bridge = bridge.Name };
    }

    private Dictionary<SafeHandle, int?> Ids(IEnumerable<InterfaceWork> all)
    {
        SafeHandle[] networks = [.. all.Select(static w => w.Request.Network).Distinct<SafeHandle>(ReferenceEqualityComparer.Instance)];
        var ids = reader.ReadNamespaceIds(networks);
        return Enumerable.Range(0, networks.Length).ToDictionary<int, SafeHandle, int?>(i => networks[i], i => ids[i], ReferenceEqualityComparer.Instance);
    }

    private static void Judge(InterfaceWork work, LinkTable links, int? id, List<InterfaceWork> stale)
    {
        if (id is null)
            work.Fail("set interface", Errno.EINVAL, "what was given as its namespace is no network namespace");
        else if (links.Find(work.Desired.Bridge) is not { } bridge)
            work.Fail("set master", Errno.ENODEV, $"there is no bridge {work.Desired.Bridge}");
        else if (!bridge.IsBridge)
            work.Fail("set master", Errno.EINVAL, $"{work.Desired.Bridge} is a {bridge.Kind ?? "physical link"} and no bridge");
        else if (links.Find(work.HostEnd) is not { } found)
            return;
        else if (!work.Owner.MayTake(found))
            work.Fail("create link", Errno.EEXIST, $"the name {work.HostEnd} is taken by a link that is not this container's");
        else if (LeadsTo(found, id))
            work.Host = found;
        else
            // Of an earlier start, whose namespace is still being taken down or is held by somebody.
            stale.Add(work);
    }

    private void Remove(List<InterfaceWork> stale)
    {
        var errors = Execute([.. stale.Select(static w => new LinkDelete(w.HostEnd))]);
        for (var i = 0; i < stale.Count; i++)
            if (errors[i] is { Errno: not Errno.ENODEV } error)
                stale[i].Fail(error);
            else
                stale[i].Replaced = true;
    }

    private void Make(IReadOnlyList<InterfaceWork> all, LinkTable links)
    {
        var missing = Open(all).Where(static w => w.Host is null).ToList();
        using var held = new HeldHandles(missing.Select(static w => w.Request.Network));
        var errors = Create(missing, links);
        // Somebody renamed the host's end: it still bears its mark, and the end inside still has its name.
        var again = missing.Where((_, i) => errors[i] is { Errno: Errno.EEXIST }).ToList();
        var retried = again.Count > 0 && RemoveRenamed(again) ? Create(again, links) : [];
        for (var i = 0; i < missing.Count; i++)
            if ((again.IndexOf(missing[i]) is var place and >= 0 && place < retried.Count ? retried[place] : errors[i]) is { } error)
                missing[i].Fail(error);
            else
                missing[i].Made = true;
    }

    private bool RemoveRenamed(List<InterfaceWork> works)
    {
        var marks = works.ToDictionary(static w => w.Owner.Alias(w.Desired.Name), StringComparer.Ordinal);
        var renamed = reader.ReadLinks().Links.Where(l => l.Kind == "veth" && l.Alias is not null && marks.ContainsKey(l.Alias)).ToList();
        Execute([.. renamed.Select(static l => new LinkDelete(l.Name) { LinkIndex = l.Index })]);
        foreach (var link in renamed)
            marks[link.Alias!].Replaced = true;
        return renamed.Count > 0;
    }

    private IReadOnlyList<KernelError?> Create(List<InterfaceWork> works, LinkTable links) =>
        Execute([.. works.Select(w => new VethCreate(
            w.HostEnd, w.Owner.Group, w.Desired.Bridge, w.Desired.Mtu ?? links.Find(w.Desired.Bridge)!.Mtu, w.Desired.Name, w.Desired.Mac)
        {
            Namespace = w.Request.Network,
            Place = w.Owner.Container,
        })]);

    private void Correct(IReadOnlyList<InterfaceWork> all, LinkTable links)
    {
        var steps = Open(all).SelectMany(w => Changes(w, w.Host, links.Find(w.Desired.Bridge)!).Select(o => (Work: w, Operation: o))).ToList();
        var errors = Execute([.. steps.Select(static s => s.Operation)]);
        for (var i = 0; i < steps.Count; i++)
            if (errors[i] is { } error)
                steps[i].Work.Fail(error);
            else
                steps[i].Work.Changed = true;
    }

    private static void Confirm(InterfaceWork work, LinkTable links, int? id)
    {
        if (links.Find(work.HostEnd) is not { } host)
            work.Fail("read back", Errno.ENODEV, "the pair vanished after it was made");
        else if (!LeadsTo(host, id))
            work.Fail("read back", Errno.EEXIST, "another link has taken its name");
        else if (links.Find(work.Desired.Bridge) is not { } bridge)
            work.Fail("read back", Errno.ENODEV, $"the bridge {work.Desired.Bridge} vanished");
        else if (Changes(work, host, bridge).FirstOrDefault() is { } undone)
            work.Fail("read back", Errno.EIO, $"the kernel did not keep it: {undone.Text}");
        else
            work.Host = host;
    }

    /// <summary>What the host's end lacks; of one that was just made the alias alone, as it cannot be made with it.</summary>
    private static IEnumerable<RtnetlinkOperation> Changes(InterfaceWork work, Link? host, Link bridge)
    {
        var alias = work.Owner.Alias(work.Desired.Name);
        if (host is null)
            return [new LinkSetAlias(work.HostEnd, alias)];
        var changes = new List<RtnetlinkOperation>();
        if (host.Alias != alias)
            changes.Add(new LinkSetAlias(work.HostEnd, alias));
        if (host.Group != work.Owner.Group)
            changes.Add(new LinkSetGroup(work.HostEnd, work.Owner.Group));
        if (work.Desired.Mtu is { } mtu && host.Mtu != mtu)
            changes.Add(new LinkSetMtu(work.HostEnd, mtu));
        if (host.Master != bridge.Index)
            changes.Add(new LinkSetMaster(work.HostEnd, bridge.Name));
        if (!host.Up)
            changes.Add(new LinkSetUp(work.HostEnd, true));
        return changes;
    }

    private static bool LeadsTo(Link host, int? id) => host.Kind == "veth" && id != Link.UnknownNamespace && host.ParentNamespace == id;

    private IReadOnlyList<KernelError?> Execute(Operation[] operations) =>
        operations.Length == 0 ? [] : executor.Execute(operations, CancellationToken.None);
}
