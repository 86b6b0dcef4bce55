using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>true or false. YAML 1.1's yes, no, on and off are refused: they are words in YAML 1.2.</summary>
internal sealed class BoolType : ScalarType
{
    public override string Name => "boolean";

    public override string Expected => "true or false";

    public override string Pattern => "^(true|True|TRUE|false|False|FALSE)$";

    public override ImmutableArray<string> JsonTypes => ["boolean", "string"];

    public override bool TryParse(
        string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = text switch
        {
            "true" or "True" or "TRUE" => (FlagValue.True, (string?)null),
            "false" or "False" or "FALSE" => (FlagValue.False, null),
            _ => (null, $"{Shown.Text(text)} is not true or false"),
        };
        return value is not null;
    }
}
