using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Who moved: the manifest since it was last applied, or the kernel under it.</summary>
public enum Cause
{
    Pending,
    Drift,
}

/// <summary>One field that differs.</summary>
/// <param name="Path">With list keys: <c>ports[eth1].hairpin</c>. An item that is to be added or removed whole
/// has the item's own path and the whole item as value.</param>
/// <param name="From">Live; null when absent.</param>
/// <param name="To">Desired; null when it is to go.</param>
public sealed record FieldChange(ValuePath Path, Value? From, Value? To, Cause Cause)
{
    /// <summary>The declared field at, or around, the path.</summary>
    public Field Field => Path.Field;

    /// <summary>Why this cannot be done in place; null when it can.</summary>
    public string? ReplaceReason => Path.ReplaceReason;

    public bool InPlace => ReplaceReason is null;
}
