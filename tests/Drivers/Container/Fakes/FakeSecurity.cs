using System.Collections.Immutable;
using Provision.Kernel;

namespace Provision.Drivers.Tests.Container;

/// <summary>The layers of a model of a host; seccomp and devices unless told otherwise.</summary>
internal sealed class FakeSecurity : ISecurityReader
{
    public HashSet<string> On { get; } = [SecurityLayers.Seccomp, SecurityLayers.Devices];

    public HashSet<string> InUse { get; } = [];

    public ImmutableSortedDictionary<string, SecurityLayer> Layers =>
        SecurityLayers.Names.ToImmutableSortedDictionary(static n => n, n => new SecurityLayer(On.Contains(n), $"the model {(On.Contains(n) ? "has" : "lacks")} it"), StringComparer.Ordinal);

    public ImmutableArray<MissingCall> MissingCalls { get; set; } = [];

    public IReadOnlySet<string> Labels() => InUse;
}
