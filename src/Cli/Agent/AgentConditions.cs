using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>What is not as it should be and why, kept from look to look so that <c>since</c> means something.</summary>
internal sealed class AgentConditions(TimeProvider time, Contention contention)
{
    public const string ManifestsInvalid = "ManifestsInvalid";
    public const string PlanFailed = "PlanFailed";
    public const string EventsLost = "EventsLost";

    private readonly SortedDictionary<string, AgentCondition> _refused = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, AgentCondition> _general = new(StringComparer.Ordinal);

    public IReadOnlyList<AgentCondition> All =>
    [
        .. _general.Values,
        .. _refused.Values,
        .. contention.Truces.Select(static t => new AgentCondition(
            t.Id.ToString(), "Contended", $"somebody else keeps changing it back; left alone until {t.Until.UtcDateTime:HH:mm:ss}Z", t.Since)),
    ];

    public void Refused(ResourceId id, string reason) => Keep(_refused, id.ToString(), "Refused", id.ToString(), reason);

    public void Cleared(ResourceId id) => _refused.Remove(id.ToString());

    /// <summary>A look at everything found all refusals there are.</summary>
    public void OnlyRefused(IEnumerable<ResourceId> ids)
    {
        foreach (var id in _refused.Keys.Except(ids.Select(static i => i.ToString())).ToList())
            _refused.Remove(id);
    }

    /// <summary>Something about no resource in particular; a null message clears it.</summary>
    public void General(string type, string? message)
    {
        if (message is null)
            _general.Remove(type);
        else
            Keep(_general, type, type, "", message);
    }

    private void Keep(SortedDictionary<string, AgentCondition> kept, string key, string type, string resource, string message)
    {
        var since = kept.TryGetValue(key, out var before) ? before.Since : time.GetUtcNow();
        kept[key] = new AgentCondition(resource, type, message, since);
    }
}
