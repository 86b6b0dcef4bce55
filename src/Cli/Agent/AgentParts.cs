using Provision.Reconciler;

namespace Provision.Cli.Agent;

/// <summary>What an agent is made of; put together by <see cref="AgentHost"/>.</summary>
/// <param name="Record">Notes what has been brought about, for the names of causes in later reports.</param>
internal sealed record AgentParts(
    DriverRegistry Drivers,
    ReconcileLoop Loop,
    ManifestSource Manifests,
    AgentConditions Conditions,
    AgentStatusFile StatusFile,
    ServiceManager Service,
    IReadOnlyList<IEventSource> Events,
    Action<ReconcileLoop> Record);
