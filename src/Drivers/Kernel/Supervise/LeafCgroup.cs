using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The leaf cgroup of one container, in every hierarchy at the same path.</summary>
internal sealed class LeafCgroup(CgroupRoots roots, string path)
{
    private const string Freeze = "cgroup.freeze", Kill = "cgroup.kill", Procs = "cgroup.procs", FreezerState = "freezer.state";

    public string Path { get; } = path;

    public bool Exists => roots.Primary.At.Exists(Path);

    /// <summary>Processes in it and below it, in the primary hierarchy; empty when it is gone.</summary>
    public IReadOnlyList<int> Processes()
    {
        var pids = new List<int>();
        Collect(roots.Primary, Path, pids);
        return pids;
    }

    /// <summary>Whether anything runs in it or below; the kernel counts zombies out.</summary>
    public bool Populated
    {
        get
        {
            if (roots.Unified is { } unified && unified.At.Read($"{Path}/cgroup.events") is { } events)
                return CounterIn(events, "populated") != 0;
            return Processes().Count > 0;
        }
    }

    /// <summary>OOM kills so far: memory.events on v2, memory.oom_control on v1; 0 where neither tells.</summary>
    public ulong OomKills()
    {
        if (roots.Memory is not { } memory)
            return 0;
        var text = memory.At.Read($"{Path}/{(memory == roots.Unified ? "memory.events" : "memory.oom_control")}");
        return text is null ? 0 : CounterIn(text, "oom_kill");
    }

    /// <summary>
    /// One round of killing: whatever is there is frozen, so that it cannot fork on, and gets SIGKILL. To be repeated
    /// until nothing is left; <see cref="Thaw"/> comes after. A write to cgroup.kill would do, but makes every later
    /// clone into the cgroup from outside die at once (Linux 6.18): it is the last resort.
    /// </summary>
    public void KillRound(bool lastResort)
    {
        if (lastResort)
            roots.Unified?.Write($"{Path}/{Kill}", "1");
        roots.Unified?.Write($"{Path}/{Freeze}", "1");
        CgroupKilling.Kill(Processes(), Processes);
        // What is frozen by v1's freezer does not even die.
        ThawFreezer();
    }

    /// <summary>A leaf that stays frozen would stop whatever is launched into it next.</summary>
    public void Thaw()
    {
        if (roots.Unified is { } unified && unified.At.Read($"{Path}/{Freeze}")?.StartsWith('1') == true)
            unified.Write($"{Path}/{Freeze}", "0");
        ThawFreezer();
    }

    /// <summary>Null, or why the kernel refused: ENOENT when the leaf is gone.</summary>
    public KernelError? WriteRun(ContainerRun run) => roots.Primary.SetAttribute(Path, ContainerRun.Attribute, run.ToJson());

    public KernelError? RemoveRun() =>
        roots.Primary.RemoveAttribute(Path, ContainerRun.Attribute) is { } error && error.Errno != Errno.ENOENT ? error : null;

    /// <summary>Whether there is a run record, be it one that this version can read or not.</summary>
    public bool HasRun => roots.Primary.At.Attribute(Path, ContainerRun.Attribute) is not null;

    public ContainerRun? ReadRun() => ContainerRun.Parse(roots.Primary.At.Attribute(Path, ContainerRun.Attribute));

    /// <summary>The number after a word at the begin of a line; 0 when there is none.</summary>
    internal static ulong CounterIn(string text, string word)
    {
        foreach (var line in text.Split('\n'))
            if (line.StartsWith(word + " ", StringComparison.Ordinal) && ulong.TryParse(line.AsSpan(word.Length + 1).Trim(), CultureInfo.InvariantCulture, out var count))
                return count;
        return 0;
    }

    private void ThawFreezer()
    {
        if (roots.Freezer is { } freezer && freezer.At.Read($"{Path}/{FreezerState}")?.StartsWith("THAWED", StringComparison.Ordinal) == false)
            freezer.Write($"{Path}/{FreezerState}", "THAWED");
    }

    /// <summary>The pids of a cgroup.procs file; none of one that is gone.</summary>
    internal static IEnumerable<int> Pids(string? text)
    {
        foreach (var line in (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            // 0 is a process of a pid namespace that cannot be seen from here.
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid) && pid > 0)
                yield return pid;
    }

    private static void Collect(DirectoryWriter root, string path, List<int> pids)
    {
        pids.AddRange(Pids(root.At.Read($"{path}/{Procs}")));
        foreach (var child in root.At.Visit(path, [])?.Children ?? [])
            Collect(root, $"{path}/{child}", pids);
    }
}

/// <summary>The mounted hierarchies, opened once.</summary>
internal sealed class CgroupRoots : IDisposable
{
    private readonly Dictionary<string, DirectoryWriter> _all;

    public CgroupRoots(CgroupLayout layout)
    {
        Layout = layout;
        _all = layout.Hierarchies.ToDictionary(static h => h.Name, static h => new DirectoryWriter(new DirectoryReader(h.MountPoint, CgroupReader.Rules(h))));
    }

    public CgroupLayout Layout { get; }

    public DirectoryWriter Primary => _all[Layout.Primary.Name];

    public DirectoryWriter? Unified => Layout.Unified is { } unified ? _all[unified.Name] : null;

    public DirectoryWriter? Memory => Layout.For("memory") is { } memory ? _all[memory.Name] : null;

    /// <summary>v1's freezer; null where there is none.</summary>
    public DirectoryWriter? Freezer => Layout.For("freezer") is { Unified: false } freezer ? _all[freezer.Name] : null;

    public IEnumerable<DirectoryWriter> All => _all.Values;

    public void Dispose()
    {
        foreach (var root in _all.Values)
            root.At.Dispose();
    }
}
