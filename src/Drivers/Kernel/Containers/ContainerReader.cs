using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>Finds containers in the kernel alone: leaf cgroup → checked pid → /proc and the network namespace.</summary>
public sealed class ContainerReader : IContainerReader, IDisposable
{
    private readonly CgroupReader _cgroups;
    private readonly DirectoryReader _primary;
    private readonly RtnetlinkReader _links = new();

    /// <summary>Sees the host's ends of links in the network namespace of the calling thread.</summary>
    public ContainerReader(CgroupLayout layout)
    {
        _cgroups = new CgroupReader(layout);
        _primary = new DirectoryReader(layout.Primary.MountPoint, CgroupReader.Rules(layout.Primary));
    }

    public ContainerTable Read(string instance, IReadOnlySet<string>? only = null)
    {
        var paths = SupervisorPaths.Of(instance);
        var host = ProcessReader.Namespaces("self");
        LinkTable? links = null;
        var containers = new List<LiveContainer>();
        foreach (var leaf in Adoption.Leaves(_primary, CgroupLayout.InstanceRoot(instance)))
        {
            var name = Path.GetFileName(leaf)[..^IContainerReader.Suffix.Length];
            if (only?.Contains(name) == false || _cgroups.Visit(leaf) is not { } node)
                continue;
            var run = ContainerRun.Parse(_primary.Attribute(leaf, ContainerRun.Attribute));
            var process = Process(leaf, run);
            containers.Add(new LiveContainer(name, leaf, node.Marks)
            {
                Run = run,
                Process = process,
                Populated = process is not null || Populated(leaf),
                Interfaces = process is null || process.Namespaces.GetValueOrDefault("net") == host.GetValueOrDefault("net")
                    ? ImmutableSortedDictionary<string, LiveInterface>.Empty
                    : Interfaces(process.Pid, links ??= _links.ReadLinks()),
                Order = Adoption.ReadOrder(paths.Order(name)),
            });
        }

        return new ContainerTable(containers) { HostNamespaces = host };
    }

    public void Dispose()
    {
        _cgroups.Dispose();
        _primary.Dispose();
        _links.Dispose();
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

    private static ImmutableSortedDictionary<string, LiveInterface> Interfaces(int pid, LinkTable host)
    {
        var interfaces = ImmutableSortedDictionary.CreateBuilder<string, LiveInterface>(StringComparer.Ordinal);
        try
        {
            using var inside = NetworkNamespace.Run(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"), static () => new RtnetlinkReader());
            var addresses = inside.ReadAddresses();
            var routes = inside.ReadRoutes();
            foreach (var link in inside.ReadLinks().Links.Where(static l => l.Name != "lo"))
            {
                // The other end says the same of this one: an index alone could be of any namespace.
                var end = link is { Kind: "veth", ParentIsElsewhere: true } && host.Find(link.Parent) is { Kind: "veth" } found && found.Parent == link.Index ? found : null;
                interfaces[link.Name] = new LiveInterface(
                    link.Name, link.Mac, link.Up, end is { Master: not 0 } ? host.Find(end.Master)?.Name : null,
                    [.. addresses.Of(link.Index).Where(static a => !a.IsAutomatic).Select(static a => a.Text).Order(StringComparer.Ordinal)],
                    [.. routes.Where(r => r.Link == link.Index && !r.IsAutomatic).Select(static r => new RouteSpec(r.To, r.Via)).OrderBy(static r => r.To, StringComparer.Ordinal)])
                {
                    HostEnd = end?.Name,
                };
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or KernelException { Error.Errno: Errno.ENOENT or 3 or Errno.EINVAL })
        {
            // It ended meanwhile: the next look will not see it at all.
        }

        return interfaces.ToImmutable();
    }
}
