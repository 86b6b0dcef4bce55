using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provision.Kernel.Supervise;

/// <summary>How orders, messages and run records are written: one line of JSON, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ContainerOrder))]
[JsonSerializable(typeof(ContainerRun))]
[JsonSerializable(typeof(Request))]
[JsonSerializable(typeof(Response))]
[JsonSerializable(typeof(HandoverState))]
[JsonSerializable(typeof(IReadOnlyList<Sandbox.RlimitSpec>))]
public sealed partial class SuperviseJson : JsonSerializerContext
{
    /// <summary>The canonical text of an order: equal orders have equal texts.</summary>
    public static string Text(ContainerOrder order) => JsonSerializer.Serialize(order, Default.ContainerOrder);
}
