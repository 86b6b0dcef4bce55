using System.Collections.Immutable;

namespace Provision.Kernel.Selinux;

/// <summary>A module of the policy's store.</summary>
/// <param name="Text">Its source, as it was installed; null where it is not CIL.</param>
public sealed record StoredModule(string Name, string? Text);

/// <summary>How drivers see this host's SELinux; it has no member that changes anything.</summary>
public interface ISelinuxReader
{
    /// <summary>Whether SELinux is on, and how that was looked for.</summary>
    SecurityLayer Layer { get; }

    /// <summary>True: refuses; false: only tells what it would refuse. Of a host where SELinux is on.</summary>
    bool IsEnforcing();

    /// <summary>The state of a boolean of the loaded policy; null when it has none of this name.</summary>
    bool? Boolean(string name);

    /// <summary>
    /// The modules of the store at <see cref="ModuleStore.Priority"/>, by name.
    /// </summary>
    /// <exception cref="Reconciler.KernelException">The store cannot be read.</exception>
    ImmutableSortedDictionary<string, StoredModule> Modules();

    /// <summary>
    /// The labels of a file, or of a tree with what is below, the root first; read as they are asked for. Null where there
    /// is nothing of the name.
    /// </summary>
    /// <exception cref="Reconciler.KernelException">It cannot be read.</exception>
    IEnumerable<FileLabel>? Labels(string path, bool recurse);

    /// <summary>Why modules can neither be installed nor removed here; null where they can.</summary>
    string? NoModules { get; }
}
