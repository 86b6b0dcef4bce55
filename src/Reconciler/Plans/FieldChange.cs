using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Who moved: the manifest since it was last applied, or the kernel under it.</summary>
public enum Cause
{
    Pending,
    Drift,
}

/// <summary>One field that differs.</summary>
/// <param name="Field">The declared field at, or around, the path.</param>
/// <param name="Path">With list keys: <c>ports[eth1].hairpin</c>. An item that is to be added or removed whole
/// has the item's own path and the whole item as value.</param>
/// <param name="From">Live; null when absent.</param>
/// <param name="To">Desired; null when it is to go.</param>
/// <param name="ReplaceReason">Why this cannot be done in place; null when it can.</param>
public sealed record FieldChange(Field Field, string Path, Value? From, Value? To, Cause Cause, string? ReplaceReason)
{
    public bool InPlace => ReplaceReason is null;
}
