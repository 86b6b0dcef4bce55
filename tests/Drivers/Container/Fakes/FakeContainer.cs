using System.Collections.Immutable;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;

namespace Provision.Drivers.Tests.Container;

/// <summary>One container of the model.</summary>
internal sealed class FakeContainer
{
    public FakeContainer(ContainerOrder order, int pid)
    {
        Order = order;
        Pid = pid;
        Alive = order.Running;
        Rlimits = Enum.GetValues<RlimitResource>().ToDictionary(static r => r, static _ => (1024UL, 4096UL));
        foreach (var rlimit in order.Sandbox.Rlimits)
            Rlimits[rlimit.Resource] = (rlimit.Soft, rlimit.Hard);
        OomScoreAdj = order.Sandbox.OomScoreAdj ?? 0;
        Hostname = order.Sandbox.Hostname ?? "host";
        Capabilities = order.Sandbox.Security.Capabilities.Bounding;
        NoNewPrivileges = order.Sandbox.Security.NoNewPrivileges;
        Filters = order.Sandbox.Security.SeccompFilter is null ? 0 : 1;
        Label = order.Sandbox.Security.SelinuxLabel;
        foreach (var network in order.Sandbox.Networks)
            Plug(network);
        Run = new ContainerRun(Alive ? RunState.Running : RunState.Stopped, pid, 1, 1, 0, 0, 0);
    }

    public ContainerOrder Order { get; private set; }

    public int Pid { get; }

    public bool Alive { get; private set; }

    public ContainerRun Run { get; set; }

    public Dictionary<RlimitResource, (ulong Soft, ulong Hard)> Rlimits { get; }

    public SortedDictionary<string, NetworkAttachment> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Its root has made more links than anybody reads.</summary>
    public string? LinksUnreadable { get; set; }

    public int OomScoreAdj { get; set; }

    public string Hostname { get; set; }

    public ulong Capabilities { get; set; }

    public ulong Gained { get; set; }

    public bool NoNewPrivileges { get; set; }

    public int Filters { get; set; }

    public string? Label { get; set; }

    public string? SharesNamespace { get; set; }

    /// <summary>A link keeps its MAC address and its MTU unless others are asked for; a new one has some.</summary>
    public void Plug(NetworkAttachment network) =>
        Links[network.Interface] = network with
        {
            Mac = network.Mac ?? Links.GetValueOrDefault(network.Interface)?.Mac ?? "02:00:00:00:00:99",
            Mtu = network.Mtu ?? Links.GetValueOrDefault(network.Interface)?.Mtu ?? 1500,
        };

    public void End(RunState state, int? status)
    {
        if (!Alive && state != RunState.Stopped)
            return;
        Alive = false;
        Run = Run with { State = state, LastExit = new ContainerExit(status, false, 2) };
    }

    public void Update(ContainerPart part, ContainerOrder order)
    {
        switch (part)
        {
            case ContainerPart.Rlimits:
                foreach (var rlimit in order.Sandbox.Rlimits)
                    Rlimits[rlimit.Resource] = (rlimit.Soft, rlimit.Hard);
                break;
            case ContainerPart.OomScoreAdj:
                OomScoreAdj = order.Sandbox.OomScoreAdj ?? 0;
                break;
            case ContainerPart.Hostname:
                Hostname = order.Sandbox.Hostname!;
                break;
            case ContainerPart.Restart:
                Order = Order with { Restart = order.Restart };
                break;
            case ContainerPart.Stop:
                Order = Order with { Stop = order.Stop };
                break;
            case ContainerPart.Logging:
                Order = Order with { Logging = order.Logging };
                break;
        }
    }

    /// <param name="joined">The process of another container, by name.</param>
    public ProcessFacts Facts(ulong host, Func<string, int> joined) => new(Pid, 1)
    {
        Rlimits = Rlimits.ToImmutableSortedDictionary(),
        OomScoreAdj = OomScoreAdj,
        Namespaces = Namespaces(host, joined),
        CapBounding = Capabilities,
        CapPermitted = Order.Sandbox.Security.Capabilities.Permitted | Gained,
        CapEffective = Order.Sandbox.Security.Capabilities.Effective,
        CapInheritable = Order.Sandbox.Security.Capabilities.Inheritable,
        CapAmbient = Order.Sandbox.Security.Capabilities.Ambient,
        NoNewPrivileges = NoNewPrivileges,
        SeccompMode = Filters == 0 ? 0 : 2,
        SeccompFilters = Filters,
        SelinuxLabel = Label,
        AppArmorProfile = Order.Sandbox.Security.AppArmorProfile,
        Hostname = Hostname,
    };

    public ImmutableSortedDictionary<string, LiveInterface> Interfaces() => Links.Values.ToImmutableSortedDictionary(
        static l => l.Interface,
        static l => new LiveInterface(l.Interface, l.Mac, true, l.Bridge, [.. l.Addresses], [.. l.Routes]) { HostEnd = "ve" + l.Interface, Mtu = l.Mtu ?? 1500, HostMtu = l.Mtu ?? 1500 });

    public override string ToString() => string.Join(' ',
        Alive, Hostname, OomScoreAdj, SuperviseJson.Text(Order with { Sandbox = Order.Sandbox with { Networks = [], Rlimits = [], OomScoreAdj = null, Hostname = null } }),
        string.Join(',', Rlimits), string.Join(',', Links.Values.Select(static l => new ContainerNetworkSet("", "", l).Text)));

    private ImmutableSortedDictionary<string, ulong> Namespaces(ulong host, Func<string, int> joined)
    {
        var set = Order.Sandbox.Namespaces;
        return new[]
        {
            ("pid", set.Pid), ("net", set.Net), ("ipc", set.Ipc), ("uts", set.Uts), ("mnt", set.Mnt), ("cgroup", set.Cgroup), ("user", set.User), ("time", set.Time),
        }.ToImmutableSortedDictionary(static n => n.Item1, n => n.Item2.Kind == NamespaceKind.Host || n.Item1 == SharesNamespace ? host : host + (ulong)Owner(n.Item2));

        int Owner(NamespaceChoice choice) => choice.Path?.Split(':') is ["container", var name] ? joined(name) : Pid;
    }
}
