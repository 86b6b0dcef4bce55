using System.Collections.Immutable;
using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Container;

/// <summary>A model of a supervisor and of what the kernel shows of its containers. Reader and executor in one.</summary>
internal sealed class FakeContainers(FakeCgroups cgroups) : IContainerReader, IOperationExecutor
{
    private const ulong Host = 4026531840;

    private readonly SortedDictionary<string, FakeContainer> _known = new(StringComparer.Ordinal);
    private int _pid = 100;
    private string? _supervisor;

    /// <summary>Fails this operation with EIO; null: none.</summary>
    public string? FailAt { get; set; }

    public FakeContainer this[string name] => _known[name];

    /// <summary>Everything that the model holds, for comparison; pids and run records left out.</summary>
    public string Dump() => string.Join('\n', _known.Select(static c => $"{c.Key} {c.Value}"));

    public ContainerTable Read(string instance, IReadOnlySet<string>? only = null)
    {
        var tree = CgroupTree.Load(cgroups, CgroupLayout.InstanceRoot(instance));
        return new ContainerTable(tree.Paths.Where(static p => p.EndsWith(IContainerReader.Suffix, StringComparison.Ordinal))
            .Select(p => Live(p, tree.Find(p)!)).Where(c => only?.Contains(c.Name) != false))
        {
            HostNamespaces = new[] { "pid", "net", "ipc", "uts", "mnt", "cgroup", "user", "time" }.ToImmutableSortedDictionary(static n => n, static _ => Host),
        };
    }

    public bool Handles(Operation operation) => operation is ContainerOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel) =>
        [.. independent.Select(o => o.Text == FailAt ? Errors(o, Errno.EIO) : Perform((ContainerOperation)o) is var errno and not 0 ? Errors(o, errno) : null)];

    /// <summary>The supervisor is killed; containers live on.</summary>
    public void KillSupervisor() => SetSupervisor("");

    private int Perform(ContainerOperation operation)
    {
        switch (operation)
        {
            case ContainerStart start:
                return Start(start);
            case ContainerStop stop:
                if (_known.TryGetValue(stop.Name, out var stopped))
                    stopped.End(RunState.Stopped, 143);
                return 0;
            case ContainerRemove remove:
                _known.Remove(remove.Name);
                if (_known.Count == 0)
                    RemoveSupervisor();
                return 0;
            case ContainerUpdate update:
                SetSupervisor("7");
                return With(update.Name, c => c.Update(update.Part, update.Order));
            case ContainerNetworkSet network:
                return With(network.Name, c => c.Plug(network.Attachment));
            case ContainerNetworkRemove network:
                return With(network.Name, c => c.Links.Remove(network.Interface));
            default:
                throw new InvalidOperationException(operation.ToString());
        }
    }

    private int Start(ContainerStart start)
    {
        if (cgroups.Visit(start.Order.Cgroup) is null)
            return Errno.ENOENT;
        if (_known.TryGetValue(start.Name, out var there) && there.Alive)
            return Errno.EEXIST;
        if (_supervisor is null)
        {
            _supervisor = $"{CgroupLayout.InstanceRoot(start.Instance)}/supervisor";
            foreach (var hierarchy in cgroups.Layout.Hierarchies)
                cgroups.Make(hierarchy.Name, _supervisor);
        }

        SetSupervisor("7");
        _known[start.Name] = new FakeContainer(start.Order, ++_pid);
        return 0;
    }

    private void SetSupervisor(string procs)
    {
        foreach (var hierarchy in cgroups.Layout.Hierarchies)
            cgroups.SetProcesses(hierarchy.Name, _supervisor!, procs);
    }

    private void RemoveSupervisor()
    {
        foreach (var hierarchy in cgroups.Layout.Hierarchies)
            if (_supervisor is not null && cgroups.Exists(hierarchy, _supervisor))
                cgroups.Remove(hierarchy.Name, _supervisor);
        _supervisor = null;
    }

    private int With(string name, Action<FakeContainer> change)
    {
        if (!_known.TryGetValue(name, out var container))
            return Errno.ENOENT;
        change(container);
        return 0;
    }

    private LiveContainer Live(string path, CgroupNode node)
    {
        var name = path[(path.LastIndexOf('/') + 1)..^IContainerReader.Suffix.Length];
        var live = new LiveContainer(name, path, node.Marks);
        return !_known.TryGetValue(name, out var container) || container.Order.Cgroup != path ? live : live with
        {
            Run = container.Run,
            Populated = container.Alive,
            Order = container.Order,
            Process = container.Alive ? container.Facts(Host, n => _known[n].Pid) : null,
            InterfacesUnreadable = container.LinksUnreadable,
            Interfaces = container.Alive && container.LinksUnreadable is null ? container.Interfaces() : ImmutableSortedDictionary<string, LiveInterface>.Empty,
        };
    }

    private static KernelError Errors(Operation operation, int errno) => new(operation.Text, operation.Object, null, errno);
}
