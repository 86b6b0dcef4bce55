using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>A whole number of a canonical unit, within bounds (both included), or "max" where that is allowed.</summary>
internal abstract class QuantityType(long min, long max, bool allowMax) : ScalarType
{
    public long Min { get; } = min;

    public long Max { get; } = Math.Min(max, NumberValue.Max - 1);

    public bool AllowMax { get; } = allowMax;

    /// <summary>Whether <see cref="Min"/> and <see cref="Max"/> bound a bare number as written (no unit needed).</summary>
    public virtual bool BareNumbers => false;

    public sealed override bool TryParse(
        string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        value = null;
        if (AllowMax && text == "max")
        {
            (value, error) = (new NumberValue(NumberValue.Max), null);
            return true;
        }

        if (!TryMeasure(text, out var number, out var wrong))
        {
            error = wrong ?? $"{Shown.Text(text)} is not {Expected}";
            return false;
        }

        if (number < Min || number > Max)
        {
            error = Max == NumberValue.Max - 1
                ? $"{Shown.Text(text)} is less than {FormatNumber(Min)}"
                : $"{Shown.Text(text)} is not between {FormatNumber(Min)} and {FormatNumber(Max)}";
            return false;
        }

        (value, error) = (new NumberValue(number), null);
        return true;
    }

    internal sealed override bool IsOnlyOutOfRange(string text) => TryMeasure(text, out _, out _);

    public sealed override string Format(Value value) => value switch
    {
        NumberValue { IsMax: true } => "max",
        NumberValue number => FormatNumber(number.Number),
        _ => base.Format(value),
    };

    public override ImmutableArray<string> JsonTypes => ["string"];

    /// <summary>Reads form and unit; the bounds are checked by the caller.</summary>
    internal abstract bool TryMeasure(string text, out long number, out string? error);

    /// <summary>The nicest exact text of a number in the canonical unit.</summary>
    protected abstract string FormatNumber(long number);

    /// <summary>" from A to B" for <see cref="ScalarType.Expected"/>; empty where there are no bounds to speak of.</summary>
    protected string Bounds => (Min > 0, Max < NumberValue.Max - 1) switch
    {
        (_, true) => $" from {FormatNumber(Min)} to {FormatNumber(Max)}",
        (true, false) => $", at least {FormatNumber(Min)}",
        _ => "",
    };

    protected string OrMax => AllowMax ? ", or max" : "";
}
