namespace Provision.Kernel.Supervise;

/// <summary>What the parts of one supervisor share. All of it belongs to the loop's thread.</summary>
internal sealed record SupervisorContext(
    SupervisorPaths Paths, CgroupRoots Cgroups, Epoll Events, WorkQueue Work, IContainerLauncher Launcher, TimeProvider Time)
{
    /// <summary>What keeps descriptors for the next supervisor.</summary>
    public FdStore Store => field ??= new FdStore(this);

    /// <summary>Says something that nobody is there to be told.</summary>
    public required Action<string> Note { get; init; }

    /// <summary>The first process of another container, its pid and pidfd; null when it does not run.</summary>
    public Func<string, (int Pid, Fd Process)?> ProcessOf { get; set; } = static _ => null;

    /// <summary>Milliseconds of a clock that only goes forward.</summary>
    public long Ticks => (long)Time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Unix time in milliseconds.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
