using System.Diagnostics;
using Provision.Testing;

namespace Provision.Kernel.Seccomp;

/// <summary>A cgroup with processes of <c>confined.py</c> in it, and a reader of their filters.</summary>
internal sealed class ConfinedBench : IDisposable
{
    // Deadlines are generous: the machine may be an emulated one.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly OwnInstance _instance = new();
    private readonly OwnDirectory _directory = new();
    private readonly List<RunningCommand> _commands = [];
    private readonly CgroupReader _cgroups = new(CgroupLayout.Discover());

    public ConfinedBench()
    {
        Leaf = $"{_instance.CgroupRoot}/web.ctr";
        Directory.CreateDirectory(LeafDirectory);
        Reader = new FilterReader(_cgroups, TimeProvider.System, Patience);
    }

    public string Leaf { get; }

    /// <summary>Where the marks are: what the reader goes by.</summary>
    public string LeafDirectory => Path.Combine(_cgroups.Layout.Primary.MountPoint, Leaf);

    public FilterReader Reader { get; }

    public OwnInstance Instance => _instance;

    /// <summary>Runs code of confined.py until it says that it is ready, in the cgroup; gives its pid and its file.</summary>
    public (int Pid, string File) Start(string code, bool inLeaf = true)
    {
        var file = Path.Combine(_directory.Path, UniqueName.Of("ready"));
        var script = Path.Combine(AppContext.BaseDirectory, "Seccomp", "confined.py");
        // Not a child of this process: waiting for it, .NET would take the stops that its tracer waits for.
        var running = new RunningCommand(new ProcessStartInfo("/bin/sh", ["-c", "\"$@\" & wait", "sh", "/usr/bin/python3", script, code, file]));
        _commands.Add(running);
        Until(() => File.Exists(file) || running.HasExited, "it gets ready");
        Assert.False(running.HasExited, running.HasExited ? running.Wait(Patience).ToString() : "");
        var pid = int.Parse(File.ReadAllText(file + ".pid"));
        if (inLeaf)
            Enter(pid, LeafDirectory);
        return (pid, file);
    }

    public static void Enter(int pid, string cgroup) => File.WriteAllText(Path.Combine(cgroup, "cgroup.procs"), $"{pid}");

    public LiveFilters Read(bool confined = false) => Reader.Read(Leaf, confined);

    public TaskFilters One() => Assert.Single(Read().Tasks);

    public static void Until(Func<bool> holds, string what) =>
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(1); return holds(); }, Patience), what);

    /// <summary>A field of /proc/PID/status.</summary>
    public static string Status(int pid, string field) =>
        File.ReadLines($"/proc/{pid}/status").Single(l => l.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Trim();

    public static void Signal(int pid, string name) => Command.Run("/bin/kill", [$"-{name}", $"{pid}"]).Succeeded();

    public void Dispose()
    {
        foreach (var command in _commands)
            command.Dispose();
        _cgroups.Dispose();
        _instance.Dispose();
        _directory.Dispose();
    }
}
