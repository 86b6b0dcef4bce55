namespace Provision.EndToEnd;

/// <summary>A cgroup of the lab, read and damaged by plain file access, whichever version the host has.</summary>
/// <param name="path">Below the instance's root: <c>shop.cg/web.cg</c>.</param>
internal sealed class LiveCgroup(Lab lab, string path)
{
    private const long V1Unlimited = 9223372036854771712;

    public bool Exists => Directory.Exists(lab.Instance.Unified(path));

    /// <summary>memory.max in bytes; null without a limit.</summary>
    public long? MemoryMax
    {
        get => Limit("memory", "memory.limit_in_bytes", "memory.max");
        set => File.WriteAllText(FileOf("memory", "memory.limit_in_bytes", "memory.max"), value?.ToString() ?? (Hierarchies.V1("memory") is null ? "max" : "-1"));
    }

    /// <summary>pids.max; null without a limit.</summary>
    public long? PidsMax
    {
        get => Limit("pids", "pids.max", "pids.max");
        set
        {
            Enable("pids");
            File.WriteAllText(FileOf("pids", "pids.max", "pids.max"), value?.ToString() ?? "max");
        }
    }

    /// <summary>Bytes charged now.</summary>
    public long MemoryUse => long.Parse(File.ReadAllText(FileOf("memory", "memory.usage_in_bytes", "memory.current")));

    /// <summary>Puts a process into this cgroup in the hierarchy of the controller.</summary>
    public void Attach(string controller, int pid) =>
        File.WriteAllText(Path.Combine(Directories(controller), "cgroup.procs"), pid.ToString());

    /// <summary>Makes a child that Provision knows nothing of, in every hierarchy the cgroup is in.</summary>
    public void MakeForeignChild(string name)
    {
        foreach (var directory in lab.Instance.CgroupDirectories().Where(d => d.EndsWith("/" + path, StringComparison.Ordinal)))
            Directory.CreateDirectory(Path.Combine(directory, name));
    }

    // On v2 a stranger who sets what no manifest states enables its controller first, as systemd does.
    private void Enable(string controller)
    {
        if (Hierarchies.V1(controller) is not null)
            return;
        var parents = path.Split('/')[..^1];
        for (var depth = 0; depth <= parents.Length; depth++)
            File.WriteAllText(Path.Combine(lab.Instance.Unified(string.Join('/', parents[..depth])), "cgroup.subtree_control"), "+" + controller);
    }

    // On v2 the file comes with the controller, a moment after the cgroup itself.
    private long? Limit(string controller, string v1File, string v2File)
    {
        var file = FileOf(controller, v1File, v2File);
        if (!File.Exists(file))
            return null;
        var text = File.ReadAllText(file).Trim();
        return text == "max" || long.Parse(text) == V1Unlimited ? null : long.Parse(text);
    }

    private string FileOf(string controller, string v1File, string v2File) =>
        Path.Combine(Directories(controller), Hierarchies.V1(controller) is null ? v2File : v1File);

    private string Directories(string controller) =>
        Hierarchies.V1(controller) is null ? lab.Instance.Unified(path) : lab.Instance.V1(controller, path);
}
