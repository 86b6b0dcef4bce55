using System.Text.Json.Serialization;

namespace Provision.Kernel.Sandbox;

/// <summary>How a <see cref="SandboxSpec"/> is written to a supervisor and into a saved plan.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SandboxSpec))]
public sealed partial class SandboxJson : JsonSerializerContext;
