using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>The drivers of this binary, listed in one place; a kind registered twice is fatal.</summary>
public sealed class DriverRegistry
{
    private readonly Dictionary<string, IDriver> _byKind = new(StringComparer.Ordinal);

    public DriverRegistry(IEnumerable<IDriver> drivers)
    {
        Drivers = [.. drivers];
        foreach (var driver in Drivers)
            if (!_byKind.TryAdd(driver.Schema.Kind, driver))
                throw new InvalidOperationException($"two drivers for kind {driver.Schema.Kind}");
    }

    public ImmutableArray<IDriver> Drivers { get; }

    public ImmutableArray<KindSchema> Kinds => [.. Drivers.Select(static d => d.Schema)];

    public IDriver For(string kind) => _byKind[kind];
}
