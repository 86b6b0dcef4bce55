using System.Collections.Frozen;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary><c>mounts</c>: options are flags of the mount, its propagation, or options of the file system (mount(8)).</summary>
internal static class MountReader
{
    private static readonly FrozenDictionary<string, (MountAttr Set, MountAttr Clear)> Flags = new Dictionary<string, (MountAttr, MountAttr)>
    {
        ["ro"] = (MountAttr.RdOnly, 0),
        ["rw"] = (0, MountAttr.RdOnly),
        ["nosuid"] = (MountAttr.NoSuid, 0),
        ["suid"] = (0, MountAttr.NoSuid),
        ["nodev"] = (MountAttr.NoDev, 0),
        ["dev"] = (0, MountAttr.NoDev),
        ["noexec"] = (MountAttr.NoExec, 0),
        ["exec"] = (0, MountAttr.NoExec),
        ["noatime"] = (MountAttr.NoAtime, 0),
        ["atime"] = (0, MountAttr.NoAtime),
        ["strictatime"] = (MountAttr.StrictAtime, 0),
        ["nostrictatime"] = (0, MountAttr.StrictAtime),
        ["relatime"] = (0, MountAttr.NoAtime | MountAttr.StrictAtime),
        ["norelatime"] = (0, 0),
        ["nodiratime"] = (MountAttr.NoDirAtime, 0),
        ["diratime"] = (0, MountAttr.NoDirAtime),
        ["nosymfollow"] = (MountAttr.NoSymFollow, 0),
        ["symfollow"] = (0, MountAttr.NoSymFollow),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, MountPropagation> Propagations = new Dictionary<string, MountPropagation>
    {
        ["private"] = MountPropagation.Private,
        ["slave"] = MountPropagation.Slave,
        ["shared"] = MountPropagation.Shared,
        ["unbindable"] = MountPropagation.Unbindable,
    }.ToFrozenDictionary();

    // What mount(8) and other runtimes take and what changes nothing.
    private static readonly FrozenSet<string> Nothing = ["defaults", "async", "nomand", "loud", "silent", "noiversion", "nolazytime"];

    private static readonly FrozenSet<string> SuperBlock = ["sync", "dirsync", "mand", "lazytime"];

    // As fsconfig(2) takes a label.
    private static readonly FrozenSet<string> Labelled = ["tmpfs", "devpts", "ramfs"];

    /// <summary>Every option that is known, without those of file systems.</summary>
    public static IEnumerable<string> Options => ((string[])
    [
        "bind", "rbind", .. Flags.Keys, .. Flags.Keys.Select(static k => "r" + k),
        .. Propagations.Keys, .. Propagations.Keys.Select(static k => "r" + k), .. Nothing, .. SuperBlock,
    ]).Order(StringComparer.Ordinal);

    public static MountPropagation? Propagation(string text, out bool recursive)
    {
        recursive = text.Length > 0 && text[0] == 'r';
        return Propagations.TryGetValue(recursive ? text[1..] : text, out var found) ? found : null;
    }

    public static IReadOnlyList<RuntimeMount> Read(Member config, string bundle)
    {
        var label = config["linux"]["mountLabel"].Filled();
        return [.. config["mounts"].Items().Select(m => Read(m, bundle, label))];
    }

    private static RuntimeMount Read(Member mount, string bundle, string? label)
    {
        foreach (var ids in new[] { "uidMappings", "gidMappings" })
            if (!mount[ids].IsEmpty)
                mount[ids].Refuse("id-mapped mounts are not made");
        var words = mount["options"].Items().Select(static o => (Option: o, Text: o.Text() ?? "")).ToList();
        var type = mount["type"].Filled() ?? "bind";
        if (words.Exists(static w => w.Text is "bind" or "rbind") || type == "none")
            type = RuntimeMount.Bind;
        else if (type == "cgroup2")
            type = RuntimeMount.Cgroup;
        var source = mount["source"].Filled();
        if (type == RuntimeMount.Bind)
            source = source is null ? mount["source"].Required() : Path.GetFullPath(source, bundle);
        if (!RuntimeCheck.IsKnownType(type))
            mount["type"].Refuse($"a file system of type {type} is not for containers");
        var made = new RuntimeMount(type, source, mount["destination"].Required());
        if (!made.Target.StartsWith('/'))
            mount["destination"].Refuse("must be an absolute path");
        var options = new List<MountOption>();
        foreach (var (option, text) in words)
            made = Apply(made, option, text, options);
        if (label is not null && Labelled.Contains(type))
            options.Add(new MountOption("context", label));
        return made with { Target = "/" + made.Target.Trim('/'), Options = options };
    }

    private static RuntimeMount Apply(RuntimeMount mount, Member option, string text, List<MountOption> options)
    {
        var name = text.Split('=', 2)[0];
        if (Unsupported.MountOptions.FirstOrDefault(o => o.Option == name) is { Reason: { } reason })
        {
            option.Refuse(reason);
            return mount;
        }

        if (text == "tmpcopyup" && mount.Type == "tmpfs")
            return mount with { CopiesUp = true };
        if (text is "bind" or "rbind")
            return mount with { Recursive = mount.Recursive || text == "rbind" };
        if (Flags.TryGetValue(text, out var own))
            return mount with { Set = (mount.Set & ~own.Clear) | own.Set, Clear = (mount.Clear & ~own.Set) | own.Clear };
        if (Propagation(text, out var below) is { } propagation)
            return mount with { Propagation = propagation, PropagationBelow = below };
        if (text.Length > 1 && text[0] == 'r' && Flags.TryGetValue(text[1..], out var all))
            return mount with { SetBelow = (mount.SetBelow & ~all.Clear) | all.Set, ClearBelow = (mount.ClearBelow & ~all.Set) | all.Clear };
        if (Nothing.Contains(text) || text.Length == 0)
            return mount;
        if (mount.Type is RuntimeMount.Bind or RuntimeMount.Cgroup)
        {
            if (!SuperBlock.Contains(text))
                option.Refuse($"a mount of type {mount.Type} has no option {text}");
            return mount;
        }

        options.Add(new MountOption(name, text.Contains('=') ? text.Split('=', 2)[1] : null));
        return mount;
    }
}
