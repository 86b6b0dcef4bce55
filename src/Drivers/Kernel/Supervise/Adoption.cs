using System.Text.Json;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Supervise;

/// <summary>Finds the containers that a supervisor which is gone has left.</summary>
internal static class Adoption
{
    // A request has 1 MiB at most; what is kept of it is no longer.
    private const int LargestOrder = 4 << 20;

    /// <summary>
    /// Every leaf of the instance with a run record, and its order from the run directory. An order without such a leaf
    /// is of a container that was removed, or of one whose start never got so far: it is deleted. A leaf with a record
    /// that cannot be read (a later version's), or with processes and none, is left alone with all that is its.
    /// </summary>
    public static List<(ContainerOrder Order, ContainerRun Run)> Find(SupervisorContext context)
    {
        var found = new List<(ContainerOrder, ContainerRun)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Leaves(context.Cgroups.Primary.At, CgroupLayout.InstanceRoot(context.Paths.Instance)))
        {
            var name = Path.GetFileName(path)[..^IContainerReader.Suffix.Length];
            var leaf = new LeafCgroup(context.Cgroups, path);
            if (leaf.ReadRun() is not { } run)
            {
                if (!leaf.HasRun && !leaf.Populated)
                    continue;
                names.Add(name);
                context.Note($"{name}: its run record is missing or cannot be read; it is left alone");
                continue;
            }

            if (!names.Add(name))
                continue;
            var order = ReadOrder(context.Paths.Order(name));
            if (order is null || order.Name != name || order.Cgroup != path)
            {
                context.Note($"{name}: its order is lost; it is watched and not started again");
                order = Unknown(name, path);
            }

            found.Add((order, run));
        }

        foreach (var file in Directory.EnumerateFiles(context.Paths.Orders))
            if (!names.Contains(Path.GetFileNameWithoutExtension(file)))
                File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(context.Paths.Fifos))
            if (!names.Contains(Path.GetFileName(file)))
                File.Delete(file);
        return found;
    }

    /// <summary>What can be kept of a container whose order is lost: it can be watched and ended.</summary>
    public static ContainerOrder Unknown(string name, string cgroup) => new()
    {
        Name = name,
        Stack = "",
        Cgroup = cgroup,
        Restart = new RestartSpec(RestartPolicyKind.Never),
        Sandbox = new SandboxSpec
        {
            Name = name,
            Root = new RootSpec(RootKind.Host, null, true, false, null, null, []),
            Namespaces = new NamespaceSet(),
            Command = [],
        },
    };

    /// <summary>Null when there is none, or it is none.</summary>
    public static ContainerOrder? ReadOrder(string path)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            try
            {
                return Sys.ReadBytes(file, LargestOrder).Content is { } text && JsonSerializer.Deserialize(text, KeptJson.Default.ContainerOrder) is { } order
                    ? NullCheck.Whole(order) : null;
            }
            catch (JsonException)
            {
                return null;
            }
    }

    /// <summary>Paths of the leaf cgroups below a directory of the primary hierarchy.</summary>
    public static IEnumerable<string> Leaves(DirectoryReader root, string at)
    {
        foreach (var child in root.Visit(at, [])?.Children ?? [])
            if (child.EndsWith(IContainerReader.Suffix, StringComparison.Ordinal))
                yield return $"{at}/{child}";
            else
                foreach (var leaf in Leaves(root, $"{at}/{child}"))
                    yield return leaf;
    }
}
