using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>The kinds that manifests may declare, in the order in which reference pages list them.</summary>
public sealed class KindRegistry
{
    private readonly Dictionary<string, KindSchema> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<Field>> _members = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Two kinds have one name, or a kind declares a common field itself.</exception>
    public KindRegistry(IEnumerable<KindSchema> kinds)
    {
        Kinds = [.. kinds];
        foreach (var kind in Kinds)
        {
            if (!_byName.TryAdd(kind.Kind, kind))
                throw new InvalidOperationException($"the kind {kind.Kind} is declared twice");
            if (kind.Fields.Any(static f => f.Name == CommonFields.DependsOn.Name))
                throw new InvalidOperationException($"{kind.Kind} declares dependsOn, which every kind has");
            _members.Add(kind.Kind, kind.Fields.Add(CommonFields.DependsOn));
        }
    }

    public ImmutableArray<KindSchema> Kinds { get; }

    /// <summary>What may stand below spec: the kind's own fields and dependsOn.</summary>
    internal ImmutableArray<Field> Members(KindSchema kind) => _members[kind.Kind];

    public KindSchema? Find(string kind) => _byName.GetValueOrDefault(kind);
}
