using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>A change to a link or to what hangs on it. Names become indexes when it is performed, not when it is planned.</summary>
/// <param name="Link">The link's name at the time the operation is performed.</param>
public abstract record RtnetlinkOperation(string Link) : Operation
{
    public sealed override string Object => Link;

    /// <summary>The index that the link had when this was planned; another link with the name is left alone. 0 for any.</summary>
    public int LinkIndex { get; init; }

    /// <summary>What an error says was sent: <c>RTM_NEWLINK</c>.</summary>
    internal virtual string Request => "RTM_NEWLINK";

    /// <summary>The links that must exist.</summary>
    internal virtual IEnumerable<string> Needs => [Link];

    /// <summary>The indexes that these links must have.</summary>
    internal virtual IEnumerable<(string Name, int Index)> Expects => LinkIndex == 0 ? [] : [(Link, LinkIndex)];

    /// <summary>Another link that must exist, known by its index and not by the name that it had when this was planned.</summary>
    internal virtual (string Name, int Index)? Means => null;

    /// <summary>Whether this errno, to a repeated request, says that the first one had done its work.</summary>
    internal virtual bool IsDone(int errno, Link? now) => false;

    /// <summary>Why this must not be done to the link of its name as it now is; null when it may.</summary>
    internal virtual string? Objection(Link found) => null;

    /// <summary>Writes the request: one message, or several of which the first does the work.</summary>
    internal abstract void Write(NetlinkWriter to, LinkIndexes indexes);

    /// <summary>What the errno means here, where the kernel does not say; null adds nothing.</summary>
    internal virtual string? Explain(int errno) => null;

    /// <summary>The head of a request that changes an existing link.</summary>
    private protected static void BeginChange(NetlinkWriter to, int index, uint flags = 0, uint change = 0)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, index, flags, change);
    }
}

/// <summary>The indexes of the links that a batch needs, as they were just before it was sent.</summary>
internal sealed class LinkIndexes(IReadOnlyDictionary<string, int> byName)
{
    public int this[string name] => byName[name];
}
