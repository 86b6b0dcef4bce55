using System.Collections.Immutable;
using Provision.Drivers;
using Provision.Drivers.Bridge;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Drivers.SecurityProfile;
using Provision.Drivers.SelinuxPolicy;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Kernel.Selinux;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>The composition root: which kinds this binary has, what reads the kernel and what changes it.</summary>
internal static class Composition
{
    private static readonly Lazy<CgroupLayout> Cgroups = new(CgroupLayout.Discover);

    private static readonly SecurityReader Security = new(static () => Cgroups.Value);

    private static readonly SeccompFilters Filters = new(static () => HostFacts.KernelRelease);

    /// <summary>One line a kind: its declaration, which touches nothing, and its driver, which reads.</summary>
    private static readonly (KindSchema Schema, Func<IDriver> Driver)[] All =
    [
        (CgroupSchema.Schema, static () => new CgroupDriver(new CgroupReader(Cgroups.Value))),
        (BridgeSchema.Schema, static () => new BridgeDriver(new RtnetlinkReader())),
        (ContainerSchema.Schema, static () => new ContainerDriver(
            static () => new ContainerReader(Cgroups.Value), new CgroupReader(Cgroups.Value), Security, Filters, HostPlaces.Problem, ReadBack)),
        (SecurityProfileSchema.Schema, static () => new SecurityProfileDriver(Security)),
        (SelinuxPolicySchema.Schema, static () => new SelinuxPolicyDriver(new SelinuxReader(Security))),
    ];

    // Traces what runs: only for what asks for it (drift --deep), and never under a filter of our own.
    private static FilterReader ReadBack() => new(new CgroupReader(Cgroups.Value), TimeProvider.System);

    public static ImmutableArray<KindSchema> Kinds() => [.. All.Select(static k => k.Schema)];

    public static DriverRegistry Drivers() => new(All.Select(static k => k.Driver()));

    /// <summary>What may change the kernel; only apply, destroy and the agent ask for it.</summary>
    public static IReadOnlyList<IOperationExecutor> Executors() =>
    [
        new CgroupExecutor(Cgroups.Value),
        new RtnetlinkExecutor(),
        new ContainerExecutor(),
        new SelinuxExecutor(Security),
    ];

    /// <summary>Subscribed when this returns.</summary>
    public static IReadOnlyList<IEventSource> Events() =>
    [
        new CgroupEvents(Cgroups.Value),
        new LinkEvents(),
        new ContainerNetworkEvents(Cgroups.Value),
        new SelinuxEvents(),
    ];
}
