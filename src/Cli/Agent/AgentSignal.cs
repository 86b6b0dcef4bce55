using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>Why the agent looks.</summary>
internal abstract record AgentSignal
{
    /// <summary>The kernel told of a change.</summary>
    public sealed record Kernel(KernelEvent Event) : AgentSignal;

    /// <summary>A manifest may have changed.</summary>
    public sealed record Manifests : AgentSignal;

    /// <summary>It is time to look at everything.</summary>
    public sealed record Resync : AgentSignal;

    /// <summary>A look that could not be finished, or whose answer may have come too early, is to be repeated.</summary>
    /// <param name="Suspects">Null for everything.</param>
    public sealed record Again(IReadOnlySet<ResourceId>? Suspects) : AgentSignal;

    /// <summary>The main loop is to show that it is alive.</summary>
    public sealed record Alive : AgentSignal;

    /// <summary>A resource that refused is to be tried again; the answer says whether it went well.</summary>
    public sealed record Retry(ResourceId Id, TaskCompletionSource<bool> Answer) : AgentSignal;
}
