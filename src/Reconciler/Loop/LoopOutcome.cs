using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>What one look by the agent led to.</summary>
public sealed class LoopOutcome
{
    /// <summary>What was changed, with the fields that differed.</summary>
    public List<ResourceChange> Changed { get; } = [];

    /// <summary>Resources that could not be brought about, with the reason; the rest was done without them.</summary>
    public Dictionary<ResourceId, string> Refused { get; } = [];

    /// <summary>What went wrong that is about no resource in particular, or could not be taken back.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Resources that from now on are left alone, because somebody else keeps changing them back.</summary>
    public List<ResourceId> Contended { get; } = [];
}
