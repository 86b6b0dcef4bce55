using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>A reference that a resource makes, and the field that makes it.</summary>
internal readonly record struct Reference(ResourceId Target, string Path);

/// <summary>A document as far as it could be bound.</summary>
/// <param name="Whole">Nothing was wrong with it.</param>
internal sealed record Declared(
    KindSchema Schema, Resource Resource, ImmutableArray<Reference> References, bool Whole);
