using Provision.Drivers.Cgroup;
using Provision.Kernel;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>The composition root: which kinds this binary has, and what performs their operations.</summary>
internal static class Composition
{
    private static readonly Lazy<CgroupLayout> Cgroups = new(CgroupLayout.Discover);

    /// <summary>One line a kind. Everything here only reads.</summary>
    public static DriverRegistry Drivers() => new(
    [
        new CgroupDriver(new CgroupReader(Cgroups.Value)),
    ]);

    /// <summary>What may change the kernel; only apply, destroy and the agent ask for it.</summary>
    public static IReadOnlyList<IOperationExecutor> Executors() =>
    [
        new CgroupExecutor(Cgroups.Value),
        new RtnetlinkExecutor(),
    ];

    /// <summary>Subscribed when this returns.</summary>
    public static IReadOnlyList<IEventSource> Events() =>
    [
        new CgroupEvents(Cgroups.Value),
        new LinkEvents(),
    ];
}
