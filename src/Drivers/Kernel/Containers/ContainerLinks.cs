using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Kernel.Containers;

/// <summary>
/// The links of an instance's containers: a veth pair each, made here and configured in the container's network
/// namespace through sockets that were opened there.
/// </summary>
internal sealed class ContainerLinks(string instance) : IDisposable
{
    private const int NoSuchDevice = 19; // ENODEV

    private readonly RtnetlinkExecutor _host = new();
    private readonly RtnetlinkReader _hostReader = new();

    /// <summary>A link's name here: fifteen bytes have no room for those of its container and its interface.</summary>
    public static string HostEnd(string instance, string container, string name) =>
        "pv" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{instance}\0{container}\0{name}")))[..10];

    /// <summary>A new network namespace, owned by this process's user namespace, in which nothing is configured.</summary>
    public static Fd NewNamespace()
    {
        Fd? made = null;
        KernelException? failed = null;
        // On a thread that ends there: no other code must ever run in it.
        var thread = new Thread(() =>
        {
            if (SuperviseNative.unshare(SuperviseNative.NewNet) != 0)
            {
                failed = Sys.Failure("unshare", "CLONE_NEWNET", Sys.LastError);
                return;
            }

            (made, var errno) = Sys.Open(Libc.AT_FDCWD, "/proc/thread-self/ns/net", Libc.O_RDONLY);
            if (made is null)
                failed = Sys.Failure("open", "/proc/thread-self/ns/net", errno);
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        return made ?? throw failed!;
    }

    /// <summary>Makes and configures every interface of an order in a namespace where none is yet, and lo.</summary>
    public KernelError? Configure(ContainerOrder order, Fd netns)
    {
        using var inside = new Inside(PathOf(netns));
        if (inside.Executor.Execute([new LinkSetUp("lo", true)], CancellationToken.None)[0] is { } loopback)
            return loopback;
        foreach (var attachment in order.Sandbox.Networks)
            if ((Make(order, netns, attachment) ?? Correct(inside, attachment)) is { } error)
                return error;
        return null;
    }

    /// <summary>See <see cref="ContainerNetworkSet"/>.</summary>
    public KernelError? Set(ContainerOrder order, Fd netns, NetworkAttachment attachment)
    {
        using var inside = new Inside(PathOf(netns));
        var name = HostEnd(instance, order.Name, attachment.Interface);
        var here = _hostReader.ReadLinks([name, attachment.Bridge]);
        var there = inside.Reader.ReadLinks([attachment.Interface]).Find(attachment.Interface);
        if (here.Find(name) is not { } end || there is null || end.Parent != there.Index)
        {
            if ((Delete(name) ?? inside.Delete(there) ?? Make(order, netns, attachment)) is { } error)
                return error;
        }
        else
        {
            var changes = new List<Operation>();
            if (here.Find(attachment.Bridge)?.Index != end.Master || end.Master == 0)
                changes.Add(new LinkSetMaster(name, attachment.Bridge));
            if (!end.Up)
                changes.Add(new LinkSetUp(name, true));
            if (InTurn(_host, changes) is { } error)
                return error;
        }

        return Correct(inside, attachment);
    }

    /// <summary>Removes both ends; what is not there is fine.</summary>
    public KernelError? Remove(string container, string name) => Delete(HostEnd(instance, container, name));

    public void Dispose()
    {
        _host.Dispose();
        _hostReader.Dispose();
    }

    internal static string PathOf(Fd netns) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{netns.Number}");

    private KernelError? Make(ContainerOrder order, Fd netns, NetworkAttachment attachment)
    {
        var name = HostEnd(instance, order.Name, attachment.Interface);
        var create = new VethCreate(name, attachment.Bridge, AliasMark.Group(instance), attachment.Interface, attachment.Mac) { PeerNamespace = netns.Number };
        var error = _host.Execute([create], CancellationToken.None)[0];
        // A launch that was cut short may have left its end; the namespace of the other one is gone or going.
        if (error is { Errno: Errno.EEXIST } && (error = Delete(name)) is null)
            error = _host.Execute([create], CancellationToken.None)[0];
        if (error is not null)
            return error;
        var mark = new AliasMark(new Scope(instance, order.Stack), new ResourceId("Container", order.Name), DeletionPolicy.Delete, attachment.Interface);
        return _host.Execute([new LinkSetAlias(name, mark.ToString())], CancellationToken.None)[0];
    }

    private KernelError? Delete(string name) =>
        _hostReader.ReadLinks([name]).Find(name) is null || _host.Execute([new LinkDelete(name)], CancellationToken.None)[0] is not { Errno: not NoSuchDevice } error ? null : error;

    // What is missing is added and what is too much goes; the kernel's own addresses and routes stay.
    private static KernelError? Correct(Inside inside, NetworkAttachment attachment)
    {
        var name = attachment.Interface;
        if (inside.Reader.ReadLinks([name]).Find(name) is not { } link)
            return new KernelError("RTM_GETLINK", name, null, NoSuchDevice, "the interface is not in the container");
        var wanted = attachment.Addresses.Select(static a => IPNetwork(a)).ToList();
        var present = inside.Reader.ReadAddresses(link.Index).Of(link.Index).Where(static a => !a.IsAutomatic).ToList();
        var changes = new List<Operation>();
        if (attachment.Mac is { } mac && link.Mac != mac.ToLowerInvariant())
            changes.Add(new LinkSetMac(name, mac));
        changes.AddRange(present.Where(p => !wanted.Contains((p.Local, p.PrefixLength)) || p.Peer is not null || !p.IsPlain)
            .Select(p => new AddressDelete(name, p.Local, p.PrefixLength, p.Peer)));
        if (!link.Up)
            changes.Add(new LinkSetUp(name, true));
        if (InTurn(inside.Executor, changes) is { } refused)
            return refused;

        // Removing a primary address removes its secondaries: what is there is looked at again.
        var left = inside.Reader.ReadAddresses(link.Index).Of(link.Index).Select(static a => (a.Local, a.PrefixLength)).ToHashSet();
        if (InTurn(inside.Executor, wanted.Where(w => !left.Contains(w)).Select(w => new AddressAdd(name, w.Item1, w.Item2))) is { } unaddressed)
            return unaddressed;
        var routes = inside.Reader.ReadRoutes().Where(r => r.Link == link.Index && !r.IsAutomatic).ToList();
        var targets = attachment.Routes.Select(static r => (Spec: r, To: r.To == "default" ? null : (ValueTuple<IPAddress, byte>?)IPNetwork(r.To), Via: IPAddress.Parse(r.Via))).ToList();
        bool Is(Route live, (RouteSpec Spec, (IPAddress, byte)? To, IPAddress Via) target) =>
            Equals(live.Gateway, target.Via) && (target.To is { } to ? Equals(live.Destination, to.Item1) && live.PrefixLength == to.Item2 : live.Destination is null);
        return InTurn(inside.Executor, routes.Where(r => !targets.Exists(t => Is(r, t))).Select(r => new RouteDelete(name, r.Destination, r.PrefixLength, r.Gateway)))
            ?? InTurn(inside.Executor, targets.Where(t => !routes.Exists(r => Is(r, t))).Select(t => new RouteAdd(name, t.To?.Item1, t.To?.Item2 ?? 0, t.Via)));
    }

    private static KernelError? InTurn(RtnetlinkExecutor executor, IEnumerable<Operation> operations)
    {
        foreach (var operation in operations)
            if (executor.Execute([operation], CancellationToken.None)[0] is { } error)
                return error;
        return null;
    }

    private static (IPAddress Address, byte Length) IPNetwork(string cidr)
    {
        var slash = cidr.IndexOf('/');
        var address = IPAddress.Parse(slash < 0 ? cidr : cidr[..slash]);
        var full = (byte)(address.GetAddressBytes().Length * 8);
        return (address, slash < 0 ? full : byte.Parse(cidr.AsSpan(slash + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>Sockets in a container's network namespace.</summary>
    private sealed class Inside : IDisposable
    {
        public Inside(string path) => (Executor, Reader) = NetworkNamespace.Run(path, static () => (new RtnetlinkExecutor(), new RtnetlinkReader()));

        public RtnetlinkExecutor Executor { get; }

        public RtnetlinkReader Reader { get; }

        // An interface of that name which is not the other end of ours: only a link of our kind may be replaced.
        public KernelError? Delete(Link? link) => link switch
        {
            null => null,
            { Kind: "veth" } => Executor.Execute([new LinkTakeOut(link.Name)], CancellationToken.None)[0] is { } error && error.Errno != NoSuchDevice ? error : null,
            _ => new KernelError("RTM_NEWLINK", link.Name, null, Errno.EEXIST, "the container has made a link of this name"),
        };

        public void Dispose()
        {
            Executor.Dispose();
            Reader.Dispose();
        }
    }
}
