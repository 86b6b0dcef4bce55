using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Supervise;

/// <summary>When a container that ended is started again.</summary>
public enum RestartPolicyKind
{
    Always,

    /// <summary>After every end but one known to be with status 0.</summary>
    OnFailure,

    Never,
}

/// <param name="InitialMilliseconds">The wait before the first restart; it doubles with each one that follows.</param>
/// <param name="MaxMilliseconds">The longest wait.</param>
/// <param name="ResetAfterMilliseconds">A run of at least this long counts as healthy: the wait starts over.</param>
/// <param name="MaxRetries">Restarts in a row without a healthy run; 0 is without bound.</param>
public sealed record RestartSpec(
    RestartPolicyKind Policy,
    long InitialMilliseconds = 100,
    long MaxMilliseconds = 60_000,
    long ResetAfterMilliseconds = 10_000,
    int MaxRetries = 0);

/// <param name="Signal">Sent to the first process alone, by number.</param>
/// <param name="TimeoutMilliseconds">Then everything in the container is killed.</param>
public sealed record StopSpec(int Signal = 15, long TimeoutMilliseconds = 10_000);

/// <param name="MaxSize">Bytes of one file.</param>
/// <param name="MaxFiles">Files kept, the one being written included; at least 1.</param>
public sealed record LoggingSpec(ulong MaxSize = 10 << 20, int MaxFiles = 3);

/// <summary>All that a supervisor needs to start a container and to keep it as it should be; plain data.</summary>
public sealed record ContainerOrder
{
    /// <summary>The container's name within its instance.</summary>
    public required string Name { get; init; }

    /// <summary>The stack that owns it, for the mark of its links.</summary>
    public required string Stack { get; init; }

    /// <summary>Its leaf cgroup, relative to the hierarchies' mount points: <c>provision/web.cg/web-1.ctr</c>.</summary>
    public required string Cgroup { get; init; }

    public required SandboxSpec Sandbox { get; init; }

    public required RestartSpec Restart { get; init; }

    public StopSpec Stop { get; init => field = value ?? new StopSpec(); } = new();

    public LoggingSpec Logging { get; init => field = value ?? new LoggingSpec(); } = new();

    /// <summary>A terminal instead of a pipe for standard streams.</summary>
    public bool Terminal { get; init; }

    /// <summary>False: known, but not started.</summary>
    public bool Running { get; init; } = true;
}
