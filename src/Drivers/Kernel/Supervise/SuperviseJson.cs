using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provision.Kernel.Supervise;

/// <summary>
/// How orders, messages and run records are written: one line of JSON. In a request an unknown member is an error: half
/// of what was asked for is not to be done. What is kept for a successor is read with <see cref="KeptJson"/>.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
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

/// <summary>
/// For what another version may have written, an order, a run record, a handover or an answer: members that this one
/// does not know are skipped. A member therefore never changes its meaning: a new meaning gets a new name.
/// </summary>
internal static class KeptJson
{
    public static SuperviseJson Default { get; } = new(new JsonSerializerOptions(SuperviseJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });
}
