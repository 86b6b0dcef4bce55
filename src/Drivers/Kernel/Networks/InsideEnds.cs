using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>
/// The containers' side of the pairs: one thread visits every namespace, and in each looks, changes and looks again
/// until nothing is left to do.
/// </summary>
internal static class InsideEnds
{
    // A rename, what it took along, what a primary address took along, and the last look.
    private const int Looks = 5;

    /// <param name="buffer">See <see cref="ReadChannel"/>.</param>
    public static void Settle(IEnumerable<InterfaceWork> all, byte[] buffer)
    {
        var namespaces = all.GroupBy<InterfaceWork, SafeHandle>(static w => w.Request.Network, ReferenceEqualityComparer.Instance).Select(static g => g.ToList()).ToList();
        var errors = NetworkNamespace.RunEach([.. namespaces.Select(static g => g[0].Request.Network)], i => Settle(namespaces[i], buffer));
        for (var i = 0; i < errors.Length; i++)
            if (errors[i] is { } error)
                foreach (var work in namespaces[i])
                    work.Fail(error with { Object = $"{work.Desired.Name} of {work.Owner.Container}" });
    }

    private static void Settle(List<InterfaceWork> works, byte[] buffer)
    {
        using var reader = new RtnetlinkReader(buffer, NetworkTables.Limit);
        using var executor = new RtnetlinkExecutor(NetlinkSocket.GenerousBuffer, buffer);
        var refused = new Dictionary<InterfaceWork, KernelError>();
        for (var look = 1; ; look++)
        {
            var steps = Plan(works, NetworkTables.Read(reader));
            if (steps.Count == 0)
                return;
            if (look == Looks)
            {
                foreach (var (work, operation) in steps)
                    work.Fail(refused.GetValueOrDefault(work) ?? NotKept(work, operation));
                return;
            }

            refused.Clear();
            var errors = executor.Execute([.. steps.Select(static s => s.Operation)], CancellationToken.None);
            foreach (var mine in steps.Zip(errors).GroupBy(static s => s.First.Work, static s => s.Second))
            {
                if (mine.FirstOrDefault(static e => e is not null) is { } error)
                    refused[mine.Key] = Named(error, mine.Key);
                if (mine.Contains(null))
                    mine.Key.Changed = true;
                else if (look > 1)
                    mine.Key.Fail(refused[mine.Key]); // nothing at all was done, twice: another look would plan the same
            }
        }
    }

    /// <summary>
    /// Removes a link that is not of ours: it is deleted, or, where that cannot be, set down. Of lo goes what is not its own,
    /// and with it the routes that lead through no other link.
    /// </summary>
    /// <exception cref="KernelException">The namespace cannot be read.</exception>
    public static KernelError? Purge(string name, byte[] buffer)
    {
        using var reader = new RtnetlinkReader(buffer, NetworkTables.Limit);
        using var executor = new RtnetlinkExecutor(NetlinkSocket.GenerousBuffer, buffer);
        KernelError? refused = null;
        for (var look = 1; look <= Looks; look++)
        {
            var tables = NetworkTables.Read(reader);
            if (tables.Links.Find(name) is not { } link || Purge(link, tables, refused is not null) is not { Count: > 0 } steps)
                return null;
            refused = executor.Execute([.. steps], CancellationToken.None).FirstOrDefault(static e => e is not null);
        }

        return refused ?? new KernelError("read back", name, null, Errno.EIO, "somebody makes it anew each time");
    }

    private static List<RtnetlinkOperation> Purge(Link link, NetworkTables tables, bool stays)
    {
        if (link.Name == NetworkState.Loopback)
            return
            [
                .. NetworkState.Others(tables).Select(static r => RouteDelete.Of(NetworkState.Loopback, r) with { Whole = true }),
                .. NetworkState.Foreign(tables, link).OrderByDescending(static a => a.IsSecondary)
                    .Select(static a => new AddressDelete(NetworkState.Loopback, a.Local, a.PrefixLength, a.Peer)),
            ];
        if (!stays)
            return [new LinkDelete(link.Name) { LinkIndex = link.Index, Whosever = true }];
        return link.Up ? [new LinkSetUp(link.Name, false)] : [];
    }

    private static List<(InterfaceWork Work, RtnetlinkOperation Operation)> Plan(List<InterfaceWork> works, NetworkTables tables)
    {
        var steps = new List<(InterfaceWork, RtnetlinkOperation)>();
        foreach (var work in works.Where(static w => w.Error is null))
        {
            var (operations, error) = InterfacePlan.Of(work.Owner.Container, work.Desired, work.Host!.Parent, tables);
            if (error is not null)
                work.Fail(error);
            steps.AddRange(operations.Select(o => (work, o)));
        }

        return steps;
    }

    private static KernelError Named(KernelError error, InterfaceWork work) => error with { Object = $"{work.Desired.Name} of {work.Owner.Container}" };

    private static KernelError NotKept(InterfaceWork work, RtnetlinkOperation operation) =>
        new("read back", $"{work.Desired.Name} of {work.Owner.Container}", operation.Text, Errno.EIO, "the kernel did not keep it, or somebody takes it back each time");
}
