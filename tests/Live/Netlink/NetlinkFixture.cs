using System.Collections.Immutable;
using System.Net;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Netlink;

/// <summary>A network namespace of the test's own with our reader and executor opened in it.</summary>
internal sealed class NetlinkFixture : IDisposable
{
    public NetlinkFixture()
    {
        Reader = Netns.Inside(static () => new RtnetlinkReader());
        Executor = Netns.Inside(static () => new RtnetlinkExecutor());
    }

    public OwnNetns Netns { get; } = new();

    public RtnetlinkReader Reader { get; }

    public RtnetlinkExecutor Executor { get; }

    public static LinkCreate Bridge(string name, uint group = 0) =>
        new(name, group, null, ImmutableSortedDictionary<BridgeAttribute, uint>.Empty);

    public static AddressAdd Add(string link, string address)
    {
        var network = address.Split('/');
        return new AddressAdd(link, IPAddress.Parse(network[0]), byte.Parse(network[1]));
    }

    public static AddressDelete Delete(string link, string address)
    {
        var network = address.Split('/');
        return new AddressDelete(link, IPAddress.Parse(network[0]), byte.Parse(network[1]));
    }

    public IReadOnlyList<KernelError?> Execute(params Operation[] operations) => Executor.Execute(operations, CancellationToken.None);

    /// <summary>One after the other; the first refusal fails the test.</summary>
    public void Do(params Operation[] operations)
    {
        foreach (var operation in operations)
            Assert.Null(Execute(operation)[0]);
    }

    public Link Link(string name) => Reader.ReadLinks([name]).Find(name) ?? throw new InvalidOperationException($"no link {name}");

    public void Dispose()
    {
        Reader.Dispose();
        Executor.Dispose();
        Netns.Dispose();
    }
}
