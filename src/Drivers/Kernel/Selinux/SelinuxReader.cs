using System.Collections.Immutable;

namespace Provision.Kernel.Selinux;

/// <summary>This host's SELinux, from selinuxfs and the policy's store.</summary>
public sealed class SelinuxReader(ISecurityReader security) : ISelinuxReader
{
    /// <summary>Where libselinux and everybody else has it.</summary>
    internal const string FileSystem = "/sys/fs/selinux";

    private readonly ModuleStore _store = new(ModuleStore.PolicyOfHost());

    public SecurityLayer Layer => security.Layers[SecurityLayers.Selinux];

    public string? NoModules => _store.Missing ?? (Semanage.Find() is null ? "libsemanage, which builds the policy from its modules, is not installed" : null);

    // "0" or "1"; a policy that is gone in between is no state to report.
    public bool IsEnforcing() => Text("enforce") is { } text
        ? text.StartsWith('1')
        : throw Sys.Failure("read", $"{FileSystem}/enforce", Errno.ENOENT, null, "selinuxfs is not mounted");

    // The state that is in force and the one that is pending.
    public bool? Boolean(string name) => Text($"booleans/{name}") is { } text ? text.StartsWith('1') : null;

    public ImmutableSortedDictionary<string, StoredModule> Modules() => _store.Read();

    public IEnumerable<FileLabel>? Labels(string path, bool recurse) => FileLabels.Open(path) is { } tree ? Read(tree, recurse) : null;

    private static IEnumerable<FileLabel> Read(FileLabels tree, bool recurse)
    {
        using (tree)
            foreach (var label in tree.Read(recurse))
                yield return label;
    }

    private static string? Text(string path)
    {
        using var root = new DirectoryReader(FileSystem, Resolve.Beneath | Resolve.NoSymlinks | Resolve.NoMounts);
        return root.Read(path);
    }
}
