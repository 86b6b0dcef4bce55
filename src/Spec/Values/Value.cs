using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// A typed value of a manifest or of the kernel's live state, in canonical kernel units (bytes, microseconds,
/// lower-case addresses). Manifest text and live state meet in this one form, so that a diff is plain equality.
/// </summary>
public abstract record Value
{
    public static implicit operator Value(string text) => new TextValue(text);

    public static implicit operator Value(long number) => new NumberValue(number);

    public static implicit operator Value(bool flag) => flag ? FlagValue.True : FlagValue.False;
}

/// <summary>Text: a name, an address, a keyword.</summary>
public sealed record TextValue(string Text) : Value
{
    public override string ToString() => Text;
}

/// <summary>A whole number in the field's canonical unit; <see cref="Max"/> stands for the kernel's "max".</summary>
public sealed record NumberValue(long Number) : Value
{
    /// <summary>"No limit": what cgroup v2 writes as <c>max</c>.</summary>
    public const long Max = long.MaxValue;

    public bool IsMax => Number == Max;

    public override string ToString() => IsMax ? "max" : Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A switch.</summary>
public sealed record FlagValue(bool Flag) : Value
{
    public static readonly FlagValue True = new(true);
    public static readonly FlagValue False = new(false);

    public override string ToString() => Flag ? "true" : "false";
}

/// <summary>
/// A list. Lists with a natural key are kept sorted by it, so that order never shows as a difference; others
/// keep the order of the manifest.
/// </summary>
public sealed record ListValue(ImmutableArray<Value> Items) : Value
{
    public static readonly ListValue Empty = new(ImmutableArray<Value>.Empty);

    public bool Equals(ListValue? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || other.Items.Length != Items.Length)
            return false;
        for (var i = 0; i < Items.Length; i++)
            if (!Items[i].Equals(other.Items[i]))
                return false;
        return true;
    }

    public override int GetHashCode() => Items.Aggregate(17, static (hash, item) => HashCode.Combine(hash, item));

    public override string ToString() => "[" + string.Join(", ", Items) + "]";
}
