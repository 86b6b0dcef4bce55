using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>One resource of the manifests held against the kernel: what drift, status and plan are made of.</summary>
/// <param name="Live">Null when there is no such object.</param>
/// <param name="Effective">What a mark of it records: stated values, with the schema's defaults when it is owned.</param>
/// <param name="Desired">Normalized.</param>
/// <param name="Fields">The differences; for an object that is not there every desired field.</param>
/// <param name="Problems">Why it cannot be brought about: a conflict of ownership, something this host lacks.</param>
public sealed record Comparison(
    Resource Resource,
    Observed? Live,
    ObjectValue Effective,
    ObjectValue Desired,
    ImmutableArray<FieldChange> Fields,
    ImmutableArray<Diagnostic> Problems)
{
    /// <summary>The mark does not say what the manifest now says.</summary>
    public bool MarkMoved { get; init; }

    /// <summary>Those of the problems that say what this host or kernel lacks.</summary>
    public ImmutableArray<Diagnostic> Lacking { get; init; } = [];

    /// <summary>Paths left out because the manifest says so (ignoreFields).</summary>
    public ImmutableArray<string> Exempt { get; init; } = [];

    public ResourceId Id => Resource.Id;

    public bool Exists => Live is { Ownership: not Ownership.Unfinished };

    /// <summary>True when the kernel shows all that the manifest asks for.</summary>
    public bool Converged => Exists && Fields.IsEmpty && !Problems.Any(static p => p.Severity == Severity.Error);
}

/// <summary>What one look at the kernel found for a whole set of manifests.</summary>
/// <param name="Comparisons">In dependency order.</param>
/// <param name="Observed">Everything the drivers saw, by kind.</param>
public sealed record Findings(
    ResourceSet Desired,
    Scope Scope,
    Snapshot Snapshot,
    ImmutableArray<Comparison> Comparisons,
    ImmutableDictionary<string, IReadOnlyList<Observed>> Observed)
{
    /// <summary>Owned objects of the stack that no manifest names.</summary>
    public IEnumerable<Observed> Orphans => Objects
        .Where(o => o.Ownership == Ownership.Owned && o.Stack == Scope.Stack && Desired.Find(o.Id) is null);

    /// <summary>
    /// Creations of the instance that were cut short and that no manifest completes, also where a manifest has given
    /// the name to another object.
    /// </summary>
    public IEnumerable<Observed> Leftovers
    {
        get
        {
            var completed = Comparisons.Select(static c => c.Live).OfType<Observed>().ToHashSet(ReferenceEqualityComparer.Instance);
            return Objects.Where(o => o.Ownership == Ownership.Unfinished && !completed.Contains(o));
        }
    }

    /// <summary>Everything that was seen, kind by kind in the order of their names.</summary>
    public IEnumerable<Observed> Objects => Observed.OrderBy(static k => k.Key, StringComparer.Ordinal).SelectMany(static k => k.Value);
}
