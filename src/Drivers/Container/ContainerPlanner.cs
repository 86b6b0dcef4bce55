using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>
/// The operations for one change of one container: its own cgroup with its limits first, so that no instruction runs
/// unlimited; then what the supervisor has to do; the mark last.
/// </summary>
/// <param name="host">Why this host cannot launch a sandbox; null when it can.</param>
internal sealed class ContainerPlanner(
    LeafCgroups leaves, ISecurityReader security, SeccompFilters filters, Func<SandboxSpec, KernelError?> host, ChangeRequest request, DiagnosticBag bag)
{
    // XATTR_SIZE_MAX: setxattr(2) ends in E2BIG above it.
    private const int MarkMax = 65_536;

    private readonly List<Operation> _operations = [];
    private readonly ContainerState? _live = request.Live?.State as ContainerState;
    private readonly ContainerOrders _orders = new(leaves.Reader, request.Set, security, filters, bag);
    private readonly ILookup<Field, FieldChange> _changes = request.Fields.ToLookup(static c => c.Path.Root);

    private string Instance => request.Scope.Instance;

    private string Name => request.Id.Name;

    public IReadOnlyList<Operation> Plan()
    {
        switch (request.Action)
        {
            case ChangeAction.Create:
                Create();
                break;
            case ChangeAction.Update:
                Update();
                break;
            case ChangeAction.Delete:
                Delete();
                break;
        }

        return _operations;
    }

    private void Create()
    {
        MarkFits();
        var parent = LeafLimits.Parent(request.Resource!.Spec);
        var path = _live?.Container.Cgroup ?? leaves.PathOf(Name, IContainerReader.Suffix, parent, request.Set, Instance);
        Leaf(path);
        if (request.Desired!.Flag(Running) != false)
            Add(null, Start(request.Desired, path), new ContainerRemove(Instance, Name, path, Takeback: true, KeepLogs: request.Replaces));
    }

    private void Update()
    {
        var (desired, container) = (request.Desired!, _live!.Container);
        var path = container.Cgroup;
        Leaf(path);
        var running = Change(Running)?.To as FlagValue;
        if (running is { Flag: true })
            Add(Running, Start(desired, path), new ContainerStop(Instance, Name, path));
        // What is neither running nor known gets everything with its start.
        else if (container.IsRunning || _live.IsKnown)
            InPlace(desired, path);
        if (running is { Flag: false })
            Add(Running, new ContainerStop(Instance, Name, path), new ContainerStart(Instance, Order(desired, path) with { Running = true }));
        if (!request.WriteMark)
            return;
        MarkFits();
        _operations.Add(LeafCgroups.Mark(request, _live.Leaf));
    }

    private void InPlace(ObjectValue desired, string path)
    {
        Part(ContainerPart.Rlimits, RlimitFields.Rlimits, desired, path);
        Part(ContainerPart.OomScoreAdj, OomScoreAdj, desired, path);
        Part(ContainerPart.Hostname, Hostname, desired, path);
        Part(ContainerPart.Restart, Restart, desired, path);
        Part(ContainerPart.Stop, Stop, desired, path);
        Part(ContainerPart.Logging, Logging, desired, path);
        _operations.AddRange(new NetworkSteps(Instance, Name, _orders, request.Set, _live!.Container.Interfaces)
            .Of(_changes[NetworkFields.Networks].Select(static c => c.Path.Keys[0]).Distinct(), request.Live!.Live, desired));
    }

    private void Part(ContainerPart part, Field field, ObjectValue desired, string path)
    {
        if (!request.Fields.Any(c => c.Path.IsWithin(field.Path)))
            return;
        var before = desired;
        foreach (var change in request.Fields.Where(c => c.Path.IsWithin(field.Path)))
            before = before.With(change.Path.Field, change.From);
        // What was only missing a supervisor has nothing to go back to.
        var undo = part == ContainerPart.Restart && !_live!.Supervised ? null : new ContainerUpdate(Instance, part, Order(before, path));
        Add(field, new ContainerUpdate(Instance, part, Order(desired, path)), undo);
    }

    private void Delete()
    {
        var (live, state) = (request.Live!, _live!);
        if (live is { Ownership: Ownership.Owned, DeletionPolicy: DeletionPolicy.Orphan })
        {
            _operations.AddRange(leaves.Release(request, state.Leaf, bag));
            return;
        }

        if (state.HasLife)
            _operations.Add(new ContainerRemove(Instance, Name, live.Object, KeepLogs: request.Replaces));
        _operations.Add(LeafCgroups.Remove(state.Leaf));
    }

    private void Leaf(string path) =>
        _operations.AddRange(leaves.Plan(request, LeafLimits.Of(request.Resource!, request.Set), _live?.Leaf, path, Resources, bag));

    private ContainerOrder Order(ObjectValue spec, string path) => _orders.Of(Name, request.Scope.Stack, path, spec);

    // Told before anything is touched: in a replace, the old one would be gone by then.
    private ContainerStart Start(ObjectValue spec, string path)
    {
        var order = Order(spec, path);
        if (SandboxCheck.Problem(order.Sandbox) is { } reason)
            bag.Error(ContainerCodes.Unlaunchable, $"{request.Id}: {reason}", request.Resource!.Source.At(""));
        else if (host(order.Sandbox) is { } refused)
            bag.Error(ContainerCodes.Unlaunchable, $"{request.Id}: {refused}", request.Resource!.Source.At(Field(order.Sandbox, refused.Object)));
        return new ContainerStart(Instance, order) { Host = SandboxHost.Of(leaves.Reader.Layout) };
    }

    // The field that names a path of the host.
    private static string Field(SandboxSpec sandbox, string path) =>
        sandbox.Mounts.FirstOrDefault(m => m.Source == path) is { } mount ? $"{Mounts.Path}[{mount.Target}].source" : $"{Rootfs.Path}.directory";

    private void MarkFits()
    {
        if (LeafCgroups.MarkSize(request) is var bytes && bytes > MarkMax)
            bag.Error(ContainerCodes.TooLarge, $"{request.Id}: its spec is {bytes} bytes as the mark of its cgroup; the kernel keeps no more than {MarkMax}",
                request.Resource!.Source.At(""), "put large values into a file that is mounted, and name fewer calls in its seccomp profile");
    }

    private FieldChange? Change(Field field) => _changes[field].FirstOrDefault();

    private void Add(Field? field, Operation operation, Operation? undo) =>
        _operations.Add(operation with { Field = field?.Path, Undo = undo });
}
