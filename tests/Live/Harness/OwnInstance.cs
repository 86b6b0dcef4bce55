namespace Provision.Testing;

/// <summary>
/// A Provision instance of the test's own: disposed, its cgroups in every hierarchy (with the processes in
/// them) and its directories are gone. Links live in an <see cref="OwnNetns"/>.
/// </summary>
public sealed class OwnInstance : IDisposable
{
    public string Name { get; } = UniqueName.Of("test");

    /// <summary>The name of the instance's cgroup at the root of each hierarchy.</summary>
    public string CgroupRoot => $"provision-{Name}";

    public string RunDirectory => $"/run/provision/{Name}";

    public string StateDirectory => $"/var/lib/provision/{Name}";

    /// <summary>The instance's root in a v1 controller's hierarchy, or the path below it.</summary>
    public string V1(string controller, string below = "") =>
        Path.Combine(Hierarchies.V1(controller) ?? throw new InvalidOperationException($"no v1 {controller}"), CgroupRoot, below);

    /// <summary>The instance's root in the v2 hierarchy, or the path below it.</summary>
    public string Unified(string below = "") =>
        Path.Combine(Hierarchies.Unified ?? throw new InvalidOperationException("no cgroup v2"), CgroupRoot, below);

    /// <summary>The same in whichever hierarchy the controller is.</summary>
    public string Cgroup(string controller, string below = "") =>
        Hierarchies.V1(controller) is null ? Unified(below) : V1(controller, below);

    /// <summary>Every cgroup directory of the instance that exists, parents first.</summary>
    public IReadOnlyList<string> CgroupDirectories() =>
    [
        .. Hierarchies.All
            .Select(mount => Path.Combine(mount, CgroupRoot))
            .Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root))
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        foreach (var directory in CgroupDirectories().Reverse())
            CgroupRemoval.Remove(directory);
        foreach (var directory in new[] { RunDirectory, StateDirectory })
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
    }
}
