using System.Diagnostics.CodeAnalysis;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>A capability by name (capabilities(7)), with or without CAP_, in any case: <c>net_raw</c> is <c>CAP_NET_RAW</c>.</summary>
internal sealed class CapabilityType : ScalarType
{
    public static readonly CapabilityType Instance = new();

    public override string Name => "capability";

    public override string Expected => "a capability such as CAP_NET_BIND_SERVICE";

    public override string Pattern => "^([Cc][Aa][Pp]_)?[A-Za-z_]+$";

    public override bool TryParse(string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        if (Capability.Number(text) is { } number)
        {
            (value, error) = (Capability.Names[number], null);
            return true;
        }

        var full = text.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? text : "CAP_" + text;
        var near = Suggestion.Nearest(full.ToUpperInvariant(), Capability.Names);
        (value, error) = (null, $"there is no capability {Shown.Text(text)}{(near is null ? "" : $"; did you mean {near}?")}");
        return false;
    }

    /// <summary>The names of a mask as a keyed list has them: sorted by name.</summary>
    public static ListValue List(ulong mask) => new([.. Capability.NamesOf(mask).Order(StringComparer.Ordinal).Select(static n => (Value)n)]);

    /// <summary>The mask of a list of names in canonical form.</summary>
    public static ulong Mask(IEnumerable<Value> names) => Capability.Mask(names.Select(static n => n.ToString()!));
}
