using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>
/// Makes, corrects and removes the interfaces of containers: veth pairs with one end a port of a bridge here and the
/// other in the container's network namespace. What is right already is left alone; what was written is read back.
/// Safe for several threads, one at a time.
/// </summary>
public sealed class ContainerNetworks : IDisposable
{
    private readonly Lock _turn = new();
    private readonly RtnetlinkReader _reader = new();
    private readonly RtnetlinkExecutor _executor = new();
    private readonly byte[] _buffer = new byte[ReadChannel.BufferSize];
    private readonly HostEnds _host;

    /// <summary>Opens its sockets in the network namespace of the calling thread: that of the bridges.</summary>
    /// <exception cref="KernelException">The sockets cannot be had.</exception>
    public ContainerNetworks() => _host = new HostEnds(_reader, _executor);

    /// <summary>
    /// Makes each interface be as said: made when it is missing, else its bridge, name, MAC, addresses and routes
    /// corrected in place; addresses and routes that are not named (but the kernel's own) go. Many cost little more
    /// than one.
    /// </summary>
    /// <returns>
    /// For each null or the error. A pair that was made and could not be set up is removed again; what else had been
    /// done says <see cref="KernelError.Halfway"/>.
    /// </returns>
    public IReadOnlyList<KernelError?> Set(IReadOnlyList<InterfaceRequest> requests)
    {
        var errors = new KernelError?[requests.Count];
        var works = new InterfaceWork?[requests.Count];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < works.Length; i++)
        {
            (var desired, errors[i]) = DesiredInterface.Parse(requests[i].Owner.Container, requests[i].Attachment);
            if (desired is null)
                continue;
            works[i] = new InterfaceWork(requests[i], desired);
            if (!names.Add(works[i]!.HostEnd))
                works[i]!.Fail("set interface", Errno.EINVAL, "asked for twice");
        }

        lock (_turn)
            Perform([.. works.OfType<InterfaceWork>().Where(static w => w.Error is null)]);
        for (var i = 0; i < works.Length; i++)
            if (works[i] is { Error: { } error } work)
                errors[i] = error with { Halfway = error.Halfway || work.Changed || work.Replaced };
        return errors;
    }

    /// <inheritdoc cref="Set(IReadOnlyList{InterfaceRequest})"/>
    public KernelError? Set(InterfaceRequest request) => Set([request])[0];

    /// <summary>Removes one interface of a container with its host end; one that is not there is fine.</summary>
    public KernelError? Detach(NetworkOwner owner, string name) => Detach(owner, [name]);

    /// <summary>Removes these interfaces of a container with their host ends; those that are not there are fine.</summary>
    public KernelError? Detach(NetworkOwner owner, IEnumerable<string> names) =>
        Remove(owner, () => _reader.ReadLinks(names.Select(owner.HostEnd)).Links.Where(owner.MayTake));

    /// <summary>
    /// Removes a link of this name inside that has no host end of ours: deleted, or set down where the kernel does not
    /// delete it. Of lo goes what is not its own, with the routes that lead through no other link.
    /// </summary>
    /// <param name="network">The container's, from <see cref="NetworkNamespace.Open"/>.</param>
    public KernelError? Purge(SafeHandle network, string name)
    {
        lock (_turn)
        {
            KernelError? error = null;
            return NetworkNamespace.RunEach([network], _ => error = InsideEnds.Purge(name, _buffer))[0] ?? error;
        }
    }

    /// <summary>
    /// Removes every host end of a container, whatever it is called now, and with them the ends inside. Looks at all links
    /// of the host.
    /// </summary>
    public KernelError? DetachAll(NetworkOwner owner) => Remove(owner, () => _reader.ReadLinks().Links.Where(owner.Owns));

    public void Dispose()
    {
        _reader.Dispose();
        _executor.Dispose();
    }

    private void Perform(IReadOnlyList<InterfaceWork> works)
    {
        if (works.Count == 0)
            return;
        try
        {
            _host.Prepare(works);
            InsideEnds.Settle(works.Where(static w => w.Error is null), _buffer);
        }
        catch (KernelException failed)
        {
            foreach (var work in works)
                work.Fail(failed.Error);
        }

        var failedOnes = works.Where(static w => w is { Error: not null, Made: true }).ToList();
        if (failedOnes.Count > 0)
            _host.TakeBack(failedOnes);
    }

    private KernelError? Remove(NetworkOwner owner, Func<IEnumerable<Link>> find)
    {
        lock (_turn)
        {
            try
            {
                var doomed = find().ToList();
                if (doomed.Count == 0)
                    return null;
                Operation[] deletions = [.. doomed.Select(static l => new LinkDelete(l.Name) { LinkIndex = l.Index })];
                var errors = _executor.Execute(deletions, CancellationToken.None);
                if (errors.FirstOrDefault(static e => e is { Errno: not Errno.ENODEV }) is { } refused)
                    return refused;
                var left = _reader.ReadLinks(doomed.Select(static l => l.Index)).Links.FirstOrDefault(l => owner.MayTake(l));
                return left is null ? null : new KernelError("read back", left.Name, "delete link", Errno.EBUSY, "it is still there");
            }
            catch (KernelException failed)
            {
                return failed.Error;
            }
        }
    }
}
