using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Kernel.Networks;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>Finds containers in the kernel alone: leaf cgroup → checked pid → /proc and the network namespace.</summary>
public sealed class ContainerReader : IContainerReader, IDisposable
{
    private readonly CgroupReader _cgroups;
    private readonly DirectoryReader _primary;
    private readonly LeafPlaces _places;
    private readonly NetworkReader _networks = new();

    /// <summary>Bridges and the host's ends are looked for in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The socket for that cannot be had.</exception>
    public ContainerReader(CgroupLayout layout)
    {
        _cgroups = new CgroupReader(layout);
        _primary = new DirectoryReader(layout.Primary.MountPoint, CgroupReader.Rules(layout.Primary));
        _places = new LeafPlaces(_primary);
    }

    public ContainerTable Read(string instance, IReadOnlySet<string>? only = null)
    {
        var paths = SupervisorPaths.Of(instance);
        var host = ProcessReader.Namespaces("self");
        var containers = SideBySide.Select([.. _places.Find(instance, only)], leaf => One(leaf, paths)).OfType<LiveContainer>().ToList();
        ReadHostnames(containers);
        ReadNetworks(containers, host);
        return new ContainerTable(SideBySide.Select(containers, Settled)) { HostNamespaces = host };
    }

    public void Dispose()
    {
        _cgroups.Dispose();
        _primary.Dispose();
        _networks.Dispose();
    }

    private LiveContainer? One(string leaf, SupervisorPaths paths)
    {
        if (_cgroups.Visit(leaf) is not { } node)
            return null;
        var name = LeafPlaces.NameOf(leaf);
        var run = ContainerRun.Parse(_primary.Attribute(leaf, ContainerRun.Attribute));
        var process = Process(leaf, run);
        return new LiveContainer(name, leaf, node.Marks)
        {
            Run = run,
            Process = process,
            Populated = process is not null || Populated(leaf),
            Order = Adoption.ReadOrder(paths.Order(name)),
        };
    }

    private ProcessFacts? Process(string leaf, ContainerRun? run)
    {
        if (run is not { Pid: > 0 })
            return null;
        var pid = run.Pid.ToString(CultureInfo.InvariantCulture);
        return (_primary.Read($"{leaf}/cgroup.procs") ?? "").Split('\n').Contains(pid) ? ProcessReader.Read(run.Pid, run.StartTime) : null;
    }

    private bool Populated(string leaf) => _primary.Read($"{leaf}/cgroup.events") is { } events
        ? LeafCgroup.CounterIn(events, "populated") != 0
        : (_primary.Read($"{leaf}/cgroup.procs") ?? "").Length > 0;

    // What is read of a process one after the other may be half of one that was ending meanwhile: then nothing of it
    // counts. Its namespaces go before it is a zombie, and links only after them or by the supervisor's hand.
    private LiveContainer Settled(LiveContainer container) =>
        container.Process is not { } process || ProcessReader.Lives(process.Pid, process.StartTime) ? container : container with
        {
            Process = null,
            Interfaces = ImmutableSortedDictionary<string, LiveInterface>.Empty,
            InterfacesUnreadable = null,
            Run = ContainerRun.Parse(_primary.Attribute(container.Cgroup, ContainerRun.Attribute)),
            Populated = Populated(container.Cgroup),
        };

    private void ReadHostnames(List<LiveContainer> containers)
    {
        List<int> running = [.. Enumerable.Range(0, containers.Count).Where(i => containers[i].Process is not null)];
        var names = Hostnames.Get([.. running.Select(i => containers[i].Process!.Pid)]);
        for (var n = 0; n < names.Count; n++)
        {
            var container = containers[running[n]];
            // A process that is gone now was the container's no more than one that was gone before.
            containers[running[n]] = names[n] is { } name
                ? container with { Process = container.Process! with { Hostname = name } }
                : container with { Process = null, Populated = Populated(container.Cgroup) };
        }
    }

    // All in one go. One that cannot be read shows no interface, and why.
    private void ReadNetworks(List<LiveContainer> containers, ImmutableSortedDictionary<string, ulong> host)
    {
        var networks = new List<(int Place, SafeHandle Handle)>();
        try
        {
            for (var i = 0; i < containers.Count; i++)
                if (containers[i].Process is { } process && process.Namespaces.GetValueOrDefault("net") != host.GetValueOrDefault("net")
                    && Open(process) is { } handle)
                    networks.Add((i, handle));
            if (networks.Count == 0)
                return;
            var readings = _networks.Read([.. networks.Select(static n => n.Handle)]);
            for (var i = 0; i < readings.Count; i++)
                containers[networks[i].Place] = readings[i].State is { } state
                    ? containers[networks[i].Place] with { Interfaces = Interfaces(state) }
                    : containers[networks[i].Place] with { InterfacesUnreadable = readings[i].Error!.ToString() };
        }
        finally
        {
            foreach (var (_, handle) in networks)
                handle.Dispose();
        }
    }

    private static SafeHandle? Open(ProcessFacts process)
    {
        try
        {
            var handle = NetworkNamespace.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Pid}/ns/net"));
            // Asked after the opening: it is that process's and not a successor's.
            if (ProcStat.Read(process.Pid)?.StartTime == process.StartTime)
                return handle;
            handle.Dispose();
            return null;
        }
        catch (KernelException)
        {
            return null; // it ended meanwhile
        }
    }

    private static ImmutableSortedDictionary<string, LiveInterface> Interfaces(NetworkState state)
    {
        var links = state.Interfaces.ToImmutableSortedDictionary(
            static i => i.Key,
            static i => new LiveInterface(i.Value.Name, i.Value.Mac, i.Value.Up, i.Value.Bridge, i.Value.Addresses, i.Value.Routes)
            {
                HostEnd = i.Value.HostEnd,
                Mtu = i.Value.Mtu,
                HostMtu = i.Value.HostMtu,
                BridgeIndex = i.Value.BridgeIndex,
            },
            StringComparer.Ordinal);
        return state.OtherRoutes.IsEmpty && state.LoopbackAddresses.IsEmpty ? links : links.Add(
            NetworkState.Loopback,
            new LiveInterface(NetworkState.Loopback, null, true, null, state.LoopbackAddresses, [.. state.OtherRoutes.Select(static r => new RouteSpec(r, ""))]));
    }
}
