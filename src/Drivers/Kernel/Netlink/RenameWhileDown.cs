using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Renames a link that is up on a kernel that renames only links that are down (before Linux 6.2: EBUSY): down, new
/// name, up, and what going down took away is given back. VLAN links on top go down and up with it.
/// </summary>
internal sealed class RenameWhileDown(ChangeChannel channel, RtnetlinkReader reader)
{
    public const int Busy = 16; // EBUSY

    private const int Exists = 17; // EEXIST
    private const int MessagesASend = 50;

    private readonly NetlinkWriter _batch = new();

    /// <summary>Null when the link has its new name and all that it had; an error that is not halfway when all is as before.</summary>
    public KernelError? Perform(LinkRename rename, Link link)
    {
        var onTop = OnTop(link.Index, reader.ReadLinks());
        var belongings = reader.ReadBelongings(onTop.Select(static l => l.Index).Append(link.Index).ToHashSet());
        if (belongings.HasNexthopObjects)
            return new KernelError(rename.Request, rename.Object, rename.Text, Busy, $"this kernel renames only links that are down, and going down would take the nexthop objects of {link.Name}'s routes");

        _batch.Clear();
        WriteUp(_batch, link.Index, false);
        rename.Write(_batch, new LinkIndexes(new Dictionary<string, int> { [rename.Link] = link.Index }));
        WriteUp(_batch, link.Index, true);
        foreach (var vlan in onTop)
            WriteUp(_batch, vlan.Index, vlan.Up);
        var answers = channel.Exchange(_batch);
        var lost = GiveBack([.. belongings.Writes]);

        if (lost is not null)
            return Error(rename, lost.Value.Errno, $"the link had to go down for it, and not all that it lost could be given back: {lost.Value.Message}") with { Halfway = true };
        if (answers[1] is { Errno: not 0 } refused)
            return Error(rename, refused.Errno, refused.Message);
        return answers.FirstOrDefault(static a => a is not { Errno: 0 }) is { } failed
            ? Error(rename, failed.Errno, failed.Message ?? "the link had to go down for it") with { Halfway = true }
            : answers.Contains(null) ? Error(rename, NetlinkAnswer.Lost.Errno, NetlinkAnswer.Lost.Message) with { Halfway = true } : null;
    }

    // A route can need another one to reach its gateway: what is refused is tried again as long as something succeeds.
    private NetlinkAnswer? GiveBack(IReadOnlyList<Action<NetlinkWriter>> writes)
    {
        while (writes.Count > 0)
        {
            var refused = new List<Action<NetlinkWriter>>();
            var last = default(NetlinkAnswer?);
            foreach (var some in writes.Chunk(MessagesASend))
            {
                _batch.Clear();
                foreach (var write in some)
                    write(_batch);
                var answers = channel.Exchange(_batch);
                for (var i = 0; i < answers.Length; i++)
                    if (answers[i] is not { Errno: 0 or Exists })
                    {
                        refused.Add(some[i]);
                        last = answers[i] ?? NetlinkAnswer.Lost;
                    }
            }

            if (refused.Count == writes.Count)
                return last;
            writes = refused;
        }

        return null;
    }

    // Links of VLANs on this one, and on those.
    private static List<Link> OnTop(int index, LinkTable links)
    {
        var found = links.Links.Where(l => l.Kind == "vlan" && l.LivesOn(index)).ToList();
        return [.. found, .. found.SelectMany(l => OnTop(l.Index, links))];
    }

    private static void WriteUp(NetlinkWriter to, int index, bool up)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, index, up ? LinkAttribute.Up : 0, LinkAttribute.Up);
        to.End();
    }

    private static KernelError Error(LinkRename rename, int errno, string? detail) =>
        new(rename.Request, rename.Object, rename.Text, errno, string.Join("; ", new[] { detail, rename.Explain(errno) }.Where(static d => d is not null)));
}
