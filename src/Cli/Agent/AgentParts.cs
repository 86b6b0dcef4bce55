using Provision.Reconciler;

namespace Provision.Cli.Agent;

/// <summary>What an agent is made of; put together by the composition root.</summary>
internal sealed record AgentParts(
    DriverRegistry Drivers,
    ReconcileLoop Loop,
    ManifestSource Manifests,
    AgentConditions Conditions,
    AgentStatusFile StatusFile,
    ServiceManager Service,
    IReadOnlyList<IEventSource> Events);
