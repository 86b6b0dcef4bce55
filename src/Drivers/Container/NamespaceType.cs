using System.Diagnostics.CodeAnalysis;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Where a namespace comes from: <c>private</c>, <c>host</c>, <c>container:NAME</c> or <c>path:/run/netns/x</c>.</summary>
internal sealed class NamespaceType : ScalarType
{
    public const string Private = "private", Host = "host", OfContainer = "container:", AtPath = "path:";

    public static readonly NamespaceType Instance = new();

    public override string Name => "namespace";

    public override string Expected => "private, host, container:NAME or path:/absolute/path";

    public override string Pattern => "^(private|host|container:[a-z0-9]([-a-z0-9.]*[a-z0-9])?|path:/.*)$";

    public override string ReferencedKind => ContainerSchema.Kind;

    public override ResourceId? ReferenceIn(Value value) => Container(value.ToString()!) is { } name ? new ResourceId(ContainerSchema.Kind, name) : null;

    /// <summary>The container that a value names; null where it names none.</summary>
    public static string? Container(string? value) =>
        value?.StartsWith(OfContainer, StringComparison.Ordinal) == true ? value[OfContainer.Length..] : null;

    /// <summary>The path that a value names; null where it names none.</summary>
    public static string? Path(string? value) =>
        value?.StartsWith(AtPath, StringComparison.Ordinal) == true ? value[AtPath.Length..] : null;

    /// <summary>As a launch wants it. Another container's is found by its name when the launch is at hand: its path has no
    /// meaning before.</summary>
    public static NamespaceChoice Choice(string? value) => value switch
    {
        null or Private => NamespaceChoice.Private,
        Host => NamespaceChoice.Host,
        _ => new NamespaceChoice(NamespaceKind.Path, Path(value) ?? value),
    };

    public override bool TryParse(string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = (null, null);
        if (text is Private or Host)
            value = text;
        else if (Container(text) is { } name)
            (value, error) = Inner(Types.ResourceName, name, OfContainer);
        else if (Path(text) is { } path)
            (value, error) = Inner(Types.AbsolutePath, path, AtPath);
        else
            error = $"{Shown.Text(text)} is not one of private, host, container:NAME, path:/…";
        return value is not null;
    }

    private static (Value?, string?) Inner(ScalarType type, string text, string prefix) =>
        type.TryParse(text, out var value, out var error) ? (prefix + value, null) : (null, error);
}
