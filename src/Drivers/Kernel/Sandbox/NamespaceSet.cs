namespace Provision.Kernel.Sandbox;

public enum NamespaceKind
{
    /// <summary>A new one.</summary>
    Private,

    /// <summary>That of the one who launches.</summary>
    Host,

    /// <summary>The one that a file names: <c>/run/netns/x</c>, <c>/proc/PID/ns/net</c>.</summary>
    Path,
}

/// <param name="Path">Absolute host path of a namespace file; with <see cref="NamespaceKind.Path"/> and never without.</param>
public sealed record NamespaceChoice(NamespaceKind Kind, string? Path = null)
{
    public static readonly NamespaceChoice Private = new(NamespaceKind.Private);
    public static readonly NamespaceChoice Host = new(NamespaceKind.Host);
}

/// <summary>Where each kind of namespace (namespaces(7)) of a container comes from; defaults are those of a container.</summary>
public sealed record NamespaceSet
{
    public NamespaceChoice Pid { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice Net { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice Ipc { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice Uts { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice Mnt { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice Cgroup { get; init => field = value ?? NamespaceChoice.Private; } = NamespaceChoice.Private;
    public NamespaceChoice User { get; init => field = value ?? NamespaceChoice.Host; } = NamespaceChoice.Host;
    public NamespaceChoice Time { get; init => field = value ?? NamespaceChoice.Host; } = NamespaceChoice.Host;
}
