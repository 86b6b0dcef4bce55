using System.Collections.Concurrent;
using System.Collections.Immutable;
using Provision.Drivers.Bridge;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>The composition root: which kinds this binary has, what reads the kernel and what changes it.</summary>
internal static class Composition
{
    private static readonly Lazy<CgroupLayout> Cgroups = new(CgroupLayout.Discover);

    /// <summary>One line a kind: its declaration, which touches nothing, and its driver, which reads.</summary>
    private static readonly (KindSchema Schema, Func<IDriver> Driver)[] All =
    [
        (CgroupSchema.Schema, static () => new CgroupDriver(new CgroupReader(Cgroups.Value))),
        (BridgeSchema.Schema, static () => new BridgeDriver(new RtnetlinkReader())),
        (ContainerSchema.Schema, static () => new ContainerDriver(static () => new ContainerReader(Cgroups.Value), new CgroupReader(Cgroups.Value), Filter, HostPlaces.Problem)),
    ];

    private static readonly ConcurrentDictionary<ulong, byte[]> Filters = [];

    // The built-in profile compiles for every target.
    private static byte[] Filter(ulong capabilities) => Filters.GetOrAdd(capabilities, static kept => SeccompCompiler.Compile(
        BuiltInProfile.Profile, new SeccompTarget(SeccompTarget.Native, kept, SeccompTarget.KernelVersion(HostFacts.KernelRelease)), new DiagnosticBag())!
        .Bytes.ToArray());

    public static ImmutableArray<KindSchema> Kinds() => [.. All.Select(static k => k.Schema)];

    public static DriverRegistry Drivers() => new(All.Select(static k => k.Driver()));

    /// <summary>What may change the kernel; only apply, destroy and the agent ask for it.</summary>
    public static IReadOnlyList<IOperationExecutor> Executors() =>
    [
        new CgroupExecutor(Cgroups.Value),
        new RtnetlinkExecutor(),
        new ContainerExecutor(),
    ];

    /// <summary>Subscribed when this returns.</summary>
    public static IReadOnlyList<IEventSource> Events() =>
    [
        new CgroupEvents(Cgroups.Value),
        new LinkEvents(),
    ];
}
