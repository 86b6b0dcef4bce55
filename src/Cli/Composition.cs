using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>The composition root: which kinds this binary has, and what performs their operations.</summary>
internal static class Composition
{
    /// <summary>One line a kind. Everything here only reads.</summary>
    public static DriverRegistry Drivers() => new([]);

    /// <summary>What may change the kernel; only apply, destroy and the agent ask for it.</summary>
    public static IReadOnlyList<IOperationExecutor> Executors() => [];

    /// <summary>Subscribed when this returns.</summary>
    public static IReadOnlyList<IEventSource> Events() => [];
}
