using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>A change to a link or to what hangs on it. Names become indexes when it is performed, not when it is planned.</summary>
/// <param name="Link">The link's name at the time the operation is performed.</param>
public abstract record RtnetlinkOperation(string Link) : Operation
{
    public sealed override string Object => Link;

    /// <summary>What an error says was sent: <c>RTM_NEWLINK</c>.</summary>
    internal virtual string Request => "RTM_NEWLINK";

    /// <summary>The links that must exist.</summary>
    internal virtual IEnumerable<string> Needs => [Link];

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
