using System.Collections.Immutable;
using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary>What the agent says of a resource.</summary>
public sealed record AgentCondition(string Resource, string Type, string Message, string? Since);

/// <summary>The agent's file in the instance's run directory.</summary>
/// <param name="Pid">The agent's process; when it is gone the file says nothing.</param>
public sealed record AgentConditions(int Pid, ImmutableArray<AgentCondition> Conditions)
{
    public static readonly AgentConditions None = new(0, []);

    /// <summary>Reads <c>{"pid":…,"conditions":[{"resource","type","message","since"}]}</c>; anything else is <see cref="None"/>.</summary>
    public static AgentConditions Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new AgentConditions(
                root.GetProperty("pid").GetInt32(),
                [.. root.GetProperty("conditions").EnumerateArray().Select(static c => new AgentCondition(
                    c.GetProperty("resource").GetString() ?? "",
                    c.GetProperty("type").GetString() ?? "",
                    c.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "",
                    c.TryGetProperty("since", out var since) ? since.GetString() : null))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return None;
        }
    }
}
