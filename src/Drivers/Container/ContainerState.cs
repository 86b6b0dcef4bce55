using Provision.Kernel.Containers;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>A container as read: what the planner needs besides the values that are compared.</summary>
/// <param name="Leaf">Its cgroup, as a Cgroup's driver sees it.</param>
/// <param name="Supervised">The instance's supervisor runs.</param>
internal sealed record ContainerState(LiveContainer Container, Observed Leaf, bool Supervised)
{
    /// <summary>The supervisor has an order for it.</summary>
    public bool IsKnown => Container.Order is not null;

    /// <summary>Something runs in it, or the supervisor keeps something for it.</summary>
    public bool HasLife => Container.Populated || Container.Run is not null || IsKnown;
}

/// <summary>What the kernel shows of a container, in the shape of the manifest.</summary>
/// <param name="recorded">The spec as its mark has it, made whole; empty where there is none.</param>
/// <param name="table">All containers: namespaces are told by comparing.</param>
/// <param name="bridges">Name of the Bridge resource by its link's name.</param>
/// <param name="desired">Where Bridges declare the MTU of links.</param>
internal sealed class ContainerView(ObjectValue recorded, ContainerTable table, IReadOnlyDictionary<string, string> bridges, ResourceSet desired)
{
    // SECCOMP_MODE_FILTER.
    private const int Filtering = 2;

    public ObjectValue Read(ContainerState state, string? parent)
    {
        var (container, leaf) = (state.Container, state.Leaf);
        var live = recorded
            .With(ContainerFields.Cgroup, parent ?? NoCgroup)
            .With(Resources, leaf.Live.Members.IsEmpty ? null : leaf.Live)
            .With(Running, IsAsRunning(state));
        live = Ordered(live, container.Order);
        // Nobody would start it again: a change of the policy brings a supervisor, which takes over what runs.
        if (container.IsRunning && !state.Supervised)
            live = live.With(Policy, nameof(RestartPolicyKind.Never));
        // Links that are not made yet are made as they are declared, with what the Bridge then declares.
        if (container.Process is not { } process)
            return NetworkMtu.Filled(live, desired);
        live = Namespaces(live, process);
        foreach (var rlimit in RlimitFields.All)
            if (process.Rlimits.TryGetValue(rlimit.Resource, out var limit))
                live = live.With(rlimit.Soft, RlimitFields.FromKernel(limit.Soft)).With(rlimit.Hard, RlimitFields.FromKernel(limit.Hard));
        live = Security(live, process).With(OomScoreAdj, (long)process.OomScoreAdj);
        if (live.Text(Uts) == NamespaceType.Private)
            live = live.With(Hostname, process.Hostname);
        return live.Text(Net) == NamespaceType.Private ? live.With(NetworkFields.Networks, Networks(container)) : live;
    }

    /// <summary>
    /// Runs, is about to be started again by the supervisor, or has ended for good as its policy has it: then nothing
    /// is missing.
    /// </summary>
    private bool IsAsRunning(ContainerState state)
    {
        if (state.Container.IsRunning)
            return true;
        return state.Container.Run switch
        {
            { State: RunState.Starting or RunState.Running or RunState.Waiting or RunState.Stopping } => state.Supervised,
            { State: RunState.Exited, LastExit: var exit } => recorded.Text(Policy) switch
            {
                "Never" => true,
                "OnFailure" => exit?.Status == 0,
                _ => false,
            },
            _ => false,
        };
    }

    // Restart, stop and logging are the supervisor's: it says what it goes by.
    private static ObjectValue Ordered(ObjectValue live, ContainerOrder? order) => order is null ? live : live
        .With(Policy, order.Restart.Policy.ToString())
        .With(BackoffInitial, order.Restart.InitialMilliseconds * 1000)
        .With(BackoffMax, order.Restart.MaxMilliseconds * 1000)
        .With(ResetAfter, order.Restart.ResetAfterMilliseconds * 1000)
        .With(MaxRetries, (long)order.Restart.MaxRetries)
        .With(StopSignal, Signals.NameOf(order.Stop.Signal) is { } name ? (Value)name : null)
        .With(StopTimeout, order.Stop.TimeoutMilliseconds * 1000)
        .With(LogSize, (long)order.Logging.MaxSize)
        .With(LogFiles, (long)order.Logging.MaxFiles);

    // A namespace that is not the one that was declared is shown as what it is.
    private ObjectValue Namespaces(ObjectValue live, ProcessFacts process)
    {
        foreach (var (field, kernel) in NamespaceFields)
        {
            if (!process.Namespaces.TryGetValue(kernel, out var inode) || !table.HostNamespaces.TryGetValue(kernel, out var host))
                continue;
            var declared = recorded.Text(field);
            if (inode == host)
                live = live.With(field, NamespaceType.Host);
            else if (declared is null or NamespaceType.Host)
                live = live.With(field, NamespaceType.Private);
            else if (NamespaceType.Container(declared) is { } other && table.Find(other)?.Process is { } owner && owner.Namespaces.GetValueOrDefault(kernel) != inode)
                live = live.With(field, NamespaceType.Private);
        }

        return live;
    }

    // A process may give up what it was given, and may filter itself further: only less confinement than was declared is
    // a difference.
    private ObjectValue Security(ObjectValue live, ProcessFacts process)
    {
        var fields = ContainerSecurity.Fields;
        var keep = CapabilityType.Mask(recorded.List(fields.Keep));
        var held = process.CapPermitted | process.CapEffective | process.CapInheritable | process.CapAmbient;
        if (((process.CapBounding | held) & ~keep) is not 0 and var more && recorded.Get(fields.Keep) is not null)
            live = live.With(fields.Keep, CapabilityType.List(keep | more));
        // Another user than 0 can come to more by a set-user-ID program, unless that is shut off.
        var ambient = CapabilityType.Mask(recorded.List(fields.Ambient));
        var closed = recorded.Flag(fields.NoNewPrivileges) == true && recorded.Number(Uid) is > 0;
        if (closed && (held & keep & ~ambient) is not 0 and var gained)
            live = live.With(fields.Ambient, CapabilityType.List(ambient | gained));
        if (process is not { SeccompMode: Filtering, SeccompFilters: > 0 } && recorded.Get(fields.Seccomp) is not (null or TextValue { Text: SecurityFields.Unconfined }))
            live = live.With(fields.Seccomp, SecurityFields.Unconfined);
        if (!process.NoNewPrivileges && recorded.Flag(fields.NoNewPrivileges) == true)
            live = live.With(fields.NoNewPrivileges, false);
        return Labels(live, process);
    }

    private ObjectValue Labels(ObjectValue live, ProcessFacts process)
    {
        var fields = ContainerSecurity.Fields;
        if (ContainerSecurity.IsLabelled(recorded) && process.SelinuxLabel?.Split(':', 4) is [_, _, var type, var level])
            live = live.With(fields.SelinuxType, type).With(fields.SelinuxLevel, level);
        return ContainerSecurity.IsProfiled(recorded) && process.AppArmorProfile is { } profile ? live.With(fields.AppArmorProfile, profile) : live;
    }

    // A link that is down, or without its end, does nothing for the container: it is as good as absent.
    private ListValue Networks(LiveContainer container) => new(
    [
        .. container.Interfaces.Values.Where(static i => i.Up).OrderBy(static i => i.Name, StringComparer.Ordinal).Select(Network),
    ]);

    private Value Network(LiveInterface link) => ObjectValue.Empty
        .With(NetworkFields.Interface, link.Name)
        .With(NetworkFields.Bridge, link.Bridge is { } bridge ? (Value)bridges.GetValueOrDefault(bridge, bridge) : null)
        .With(NetworkFields.Mac, link.Mac is { } mac ? (Value)mac : null)
        .With(NetworkFields.Mtu, NetworkMtu.Live(link, recorded))
        .With(NetworkFields.Addresses, new ListValue([.. link.Addresses.Order(StringComparer.Ordinal).Select(static a => (Value)a)]))
        .With(NetworkFields.Routes, LiveRoutes.Of(link.Routes));
}
