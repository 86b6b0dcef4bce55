using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>What is not as it should be and why, kept from look to look so that <c>since</c> means something.</summary>
internal sealed class AgentConditions(TimeProvider time, Contention contention)
{
    private readonly SortedDictionary<string, AgentCondition> _refused = new(StringComparer.Ordinal);
    private AgentCondition? _manifests;

    public void Refused(ResourceId id, string reason)
    {
        var key = id.ToString();
        var since = _refused.TryGetValue(key, out var before) ? before.Since : time.GetUtcNow();
        _refused[key] = new AgentCondition(key, "Refused", reason, since);
    }

    public void Cleared(ResourceId id) => _refused.Remove(id.ToString());

    public void ManifestsRead(IReadOnlyList<Diagnostic> errors)
    {
        if (errors.Count == 0)
            _refused.Clear();
        _manifests = errors.Count == 0
            ? null
            : new AgentCondition("", "ManifestsInvalid", $"{errors.Count} errors, the first at {errors[0].Span}: {errors[0].Message}; the last good set is kept", time.GetUtcNow());
    }

    public IReadOnlyList<AgentCondition> All =>
    [
        .. _manifests is null ? Array.Empty<AgentCondition>() : [_manifests],
        .. _refused.Values,
        .. contention.Truces.Select(static t => new AgentCondition(
            t.Id.ToString(), "Contended", $"somebody else keeps changing it back; left alone until {t.Until.UtcDateTime:HH:mm:ss}Z", t.Since)),
    ];
}
