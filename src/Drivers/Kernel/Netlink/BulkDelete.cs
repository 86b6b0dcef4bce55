namespace Provision.Kernel.Netlink;

/// <summary>
/// Removes many links in one RTM_DELLINK by IFLA_GROUP: a thousand take a second instead of half a minute, because
/// the kernel waits for its readers once and not once a link. The links are first moved to a group of their own; it is
/// removed only when a look at all links shows exactly them in it.
/// </summary>
internal sealed class BulkDelete(ChangeChannel channel, ILinkReader reader, uint doomed)
{
    /// <summary>From how many links on the detour is shorter.</summary>
    public const int WorthIt = 4;

    private const int MessagesASend = 50;

    private readonly NetlinkWriter _batch = new();

    /// <summary>An answer for each link, null where it went. What could not be removed is back in the group it had.</summary>
    public NetlinkAnswer?[] Perform(Link[] links)
    {
        var answers = Each(links, (to, link) => WriteMove(to, link.Index, doomed));
        var moved = Enumerable.Range(0, links.Length).Where(i => answers[i] is null).ToList();
        if (moved.Count == 0)
            return answers;
        var outcome = Remove([.. moved.Select(i => links[i])]);
        for (var i = 0; i < moved.Count; i++)
            answers[moved[i]] = outcome[i];
        var kept = moved.Where(i => answers[i] is not null).Select(i => links[i]).ToArray();
        Each(kept, static (to, link) => WriteMove(to, link.Index, link.Group));
        return answers;
    }

    private NetlinkAnswer?[] Remove(Link[] links)
    {
        var inside = reader.ReadLinks().Links.Where(l => l.Group == doomed).Select(static l => l.Index);
        if (!inside.ToHashSet().SetEquals(links.Select(static l => l.Index)))
            return Each(links, static (to, link) => WriteDelete(to, link.Index, null));
        _batch.Clear();
        WriteDelete(_batch, 0, doomed);
        var outcome = Try()[0];
        return [.. links.Select(_ => outcome)];
    }

    private NetlinkAnswer?[] Each(Link[] links, Action<NetlinkWriter, Link> write)
    {
        var answers = new List<NetlinkAnswer?>(links.Length);
        foreach (var some in links.Chunk(MessagesASend))
        {
            _batch.Clear();
            foreach (var link in some)
                write(_batch, link);
            answers.AddRange(Try());
        }

        return [.. answers];
    }

    private NetlinkAnswer?[] Try()
    {
        try
        {
            return [.. channel.Exchange(_batch).Select(static a => a is { Errno: 0 } ? (NetlinkAnswer?)null : a ?? NetlinkAnswer.Lost)];
        }
        catch (Reconciler.KernelException failed)
        {
            return [.. Enumerable.Repeat<NetlinkAnswer?>(new NetlinkAnswer(failed.Error.Errno, failed.Error.Detail, null), _batch.Messages)];
        }
    }

    private static void WriteMove(NetlinkWriter to, int index, uint group)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, index);
        to.Attribute(LinkAttribute.Group, group);
        to.End();
    }

    private static void WriteDelete(NetlinkWriter to, int index, uint? group)
    {
        to.Begin(MessageType.DeleteLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, index);
        if (group is { } whole)
            to.Attribute(LinkAttribute.Group, whole);
        to.End();
    }
}
