using System.Diagnostics.CodeAnalysis;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>A set of CPUs or memory nodes, or <c>inherit</c>: what the cgroup above has.</summary>
internal sealed class CpusetType(string things, string example) : ScalarType
{
    /// <summary>The word that stands for "as the parent".</summary>
    public const string Inherit = "inherit";

    public static readonly TextValue Inherited = new(Inherit);

    public override string Name => $"set of {things}";

    public override string Expected => $"{things} such as {example}, or {Inherit}";

    public override string Pattern => $"^({Inherit}|[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)$";

    public override System.Collections.Immutable.ImmutableArray<string> JsonTypes => ["string", "integer"];

    public override bool TryParse(string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        if (text != Inherit)
            return Types.CpuList.TryParse(text, out value, out error);
        (value, error) = (Inherited, null);
        return true;
    }
}
