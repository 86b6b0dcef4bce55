using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Kind and name: <c>Cgroup/web</c>. Unique within a stack.</summary>
public readonly record struct ResourceId(string Kind, string Name)
{
    public override string ToString() => $"{Kind}/{Name}";

    public static ResourceId? Parse(string text)
    {
        var slash = text.IndexOf('/');
        return slash <= 0 || slash == text.Length - 1 ? null : new ResourceId(text[..slash], text[(slash + 1)..]);
    }
}

public enum ManagementPolicy
{
    /// <summary>Owned: every declared field is kept, foreign extras are removed.</summary>
    Manage,

    /// <summary>Adopted: only what the manifest states is kept.</summary>
    Merge,

    /// <summary>Only reported.</summary>
    Observe,
}

public enum DeletionPolicy
{
    Delete,

    /// <summary>Pruned or destroyed, the object stays and loses our mark.</summary>
    Orphan,
}

/// <summary>The metadata of a manifest.</summary>
public sealed record Metadata(string Name)
{
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ManagementPolicy ManagementPolicy { get; init; }

    public DeletionPolicy DeletionPolicy { get; init; }

    /// <summary>A plan that would replace the object is refused.</summary>
    public bool PreventReplace { get; init; }

    /// <summary>Field paths that are left alone and reported as exempt; a path covers everything below it.</summary>
    public ImmutableArray<string> IgnoreFields { get; init; } = [];
}

/// <summary>One validated resource of a manifest.</summary>
/// <param name="Spec">What the manifest states, in canonical units; omitted fields are absent.</param>
/// <param name="DependsOn">Resources that must be there first: references found in the fields, and dependsOn.</param>
/// <param name="Source">Spans by field path (<c>memory.max</c>, <c>metadata.name</c>); "" is the whole document.</param>
public sealed record Resource(
    ResourceId Id,
    Metadata Metadata,
    ObjectValue Spec,
    ImmutableArray<ResourceId> DependsOn,
    SourceMap Source);

/// <summary>Where the fields of a resource stand in the manifest.</summary>
public sealed class SourceMap(IReadOnlyDictionary<string, SourceSpan> spans)
{
    public static readonly SourceMap None = new(new Dictionary<string, SourceSpan>());

    public IReadOnlyDictionary<string, SourceSpan> Spans { get; } = spans;

    /// <summary>The span of the path, or of the nearest thing around it that was written.</summary>
    public SourceSpan At(string path)
    {
        while (true)
        {
            if (Spans.TryGetValue(path, out var span))
                return span;
            if (path.Length == 0)
                return SourceSpan.None;
            var cut = path.LastIndexOfAny(['.', '[']);
            path = cut < 0 ? "" : path[..cut];
        }
    }
}

/// <summary>All resources of a run, in dependency order (what is depended on comes first).</summary>
public sealed class ResourceSet
{
    private readonly Dictionary<ResourceId, Resource> _byId;

    public ResourceSet(ImmutableArray<Resource> ordered)
    {
        Ordered = ordered;
        _byId = ordered.ToDictionary(static r => r.Id);
    }

    public static readonly ResourceSet Empty = new([]);

    public ImmutableArray<Resource> Ordered { get; }

    public Resource? Find(ResourceId id) => _byId.GetValueOrDefault(id);

    public IEnumerable<Resource> OfKind(string kind) => Ordered.Where(r => r.Id.Kind == kind);
}
