using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// What is kept of an <see cref="Observed"/> between two looks: enough to match the kernel's events against, and no
/// state, which the next look reads anew.
/// </summary>
/// <param name="Related">Other kernel objects whose events concern it, by the names that events use: a container's host ends.</param>
public sealed record KnownObject(ResourceId Id, string Object, Ownership Ownership, string? Life, ImmutableArray<string> Related)
{
    public static KnownObject Of(Observed observed) =>
        new(observed.Id, observed.Object, observed.Ownership, observed.Life, observed.Related);
}
