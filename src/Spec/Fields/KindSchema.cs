using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>A kind of resource: its fields, and the checks that need more than one field.</summary>
/// <param name="Kind">As written in manifests: <c>Cgroup</c>.</param>
/// <param name="Doc">A sentence or two for <c>explain</c>.</param>
/// <param name="Fields">The members of <c>spec</c>.</param>
public sealed record KindSchema(string Kind, string Doc, ImmutableArray<Field> Fields)
{
    /// <summary>Checks one resource against itself and the whole set; pure, reads no host state.</summary>
    public Action<Resource, ResourceSet, DiagnosticBag>? Check { get; init; }

    /// <summary>
    /// Takes what other files say into the resource (a seccomp profile in JSON), before anything is checked; what is
    /// wrong with it goes into the bag. Null: the kind names no files.
    /// </summary>
    public Func<Resource, Embedding, Resource>? Embed { get; init; }

    /// <summary>Paths of the fields that <c>get</c> shows as columns, the most telling first.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>A whole worked example (one YAML document) for <c>explain</c> and the reference page.</summary>
    public string? Example { get; init; }
}
