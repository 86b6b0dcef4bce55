namespace Provision.Kernel.Sandbox;

public enum RootKind
{
    /// <summary>The host's own files, with <see cref="RootSpec.Hidden"/> ones covered.</summary>
    Host,

    /// <summary>A directory of the host.</summary>
    Directory,
}

/// <summary>What the container sees as /.</summary>
/// <param name="Directory">Absolute host path; with <see cref="RootKind.Directory"/> and never without.</param>
/// <param name="ReadOnly">The root mount is read-only; mounts on it are as they say.</param>
/// <param name="Overlay">Always, with the host's files. Writes go to <paramref name="Upper"/>, the root's files stay as they are (overlayfs).</param>
/// <param name="Upper">Absolute host path, existing. Null with <paramref name="Overlay"/>: memory that ends with the container.</param>
/// <param name="Work">overlayfs' work directory, on the file system of <paramref name="Upper"/>; null exactly when that is.</param>
/// <param name="Hidden">
/// Absolute paths inside that are covered; those that do not exist are passed over. Of the host's files also patterns:
/// <c>/etc/shadow*</c>, <c>~/.ssh</c>.
/// </param>
public sealed record RootSpec(
    RootKind Kind, string? Directory, bool ReadOnly, bool Overlay, string? Upper, string? Work, IReadOnlyList<string> Hidden);
