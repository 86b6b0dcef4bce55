using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>The cgroups below one directory of the primary hierarchy, parents before children, with their marks.</summary>
public sealed class CgroupTree
{
    private readonly Dictionary<string, CgroupNode> _byPath = new(StringComparer.Ordinal);

    private CgroupTree(string root) => Root = root;

    /// <summary>Path of the directory that the tree starts at; it may be absent.</summary>
    public string Root { get; }

    /// <summary>Every cgroup below the root (the root itself is <see cref="Find"/>(Root)), in depth-first order.</summary>
    public ImmutableArray<string> Paths { get; private init; } = [];

    public CgroupNode? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <param name="follow">Whether to look into a directory of this name; null: into all.</param>
    public static CgroupTree Load(ICgroupReader reader, string root, Func<string, bool>? follow = null)
    {
        var paths = ImmutableArray.CreateBuilder<string>();
        var nodes = new Dictionary<string, CgroupNode>(StringComparer.Ordinal);
        // A stack of our own: depth is bounded by the kernel (cgroup.max.depth), not by us.
        var open = new Stack<string>([root]);
        while (open.TryPop(out var path))
        {
            // Null: removed since its parent was read.
            if (reader.Visit(path) is not { } node)
                continue;
            nodes.Add(path, node);
            if (path != root)
                paths.Add(path);
            foreach (var child in node.Children.Reverse().Where(c => follow?.Invoke(c) != false))
                open.Push($"{path}/{child}");
        }

        var tree = new CgroupTree(root) { Paths = paths.ToImmutable() };
        foreach (var (path, node) in nodes)
            tree._byPath.Add(path, node);
        return tree;
    }
}
