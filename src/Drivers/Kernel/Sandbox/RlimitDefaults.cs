using System.Globalization;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// The limits of a container that states none: the kernel's for its first process (INIT_RLIMITS), with a hard limit of
/// open files as service managers give it. Fixed, so that they do not depend on whose shell started a supervisor.
/// </summary>
internal static class RlimitDefaults
{
    private const ulong StackBytes = 8 << 20, LockedBytes = 8 << 20, QueueBytes = 819_200, Files = 1024, FilesHard = 524_288;
    private const int RaiseLimits = 24; // CAP_SYS_RESOURCE

    /// <summary>One for each resource, in the kernel's order.</summary>
    public static IReadOnlyList<RlimitSpec> All { get; } = Possible();

    /// <summary>These, and the defaults of the others; in the kernel's order.</summary>
    public static IReadOnlyList<RlimitSpec> Complete(IReadOnlyList<RlimitSpec> stated) =>
        [.. All.Select(d => stated.LastOrDefault(s => s.Resource == d.Resource) ?? d)];

    public static SandboxSpec Complete(SandboxSpec spec) => spec with { Rlimits = Complete(spec.Rlimits) };

    /// <param name="threads">kernel.threads-max.</param>
    /// <param name="files">fs.nr_open, above which no limit can be set.</param>
    internal static IReadOnlyList<RlimitSpec> Of(ulong threads, ulong files) =>
        [.. Enum.GetValues<RlimitResource>().Select(r => Of(r, threads, files))];

    private static RlimitSpec Of(RlimitResource resource, ulong threads, ulong files) => resource switch
    {
        RlimitResource.Stack => new RlimitSpec(resource, StackBytes, RlimitSpec.Infinity),
        RlimitResource.Core => new RlimitSpec(resource, 0, RlimitSpec.Infinity),
        RlimitResource.Nproc or RlimitResource.Sigpending => new RlimitSpec(resource, threads / 2, threads / 2),
        RlimitResource.Nofile => new RlimitSpec(resource, Math.Min(Files, files), Math.Min(FilesHard, files)),
        RlimitResource.Memlock => new RlimitSpec(resource, LockedBytes, LockedBytes),
        RlimitResource.Msgqueue => new RlimitSpec(resource, QueueBytes, QueueBytes),
        RlimitResource.Nice or RlimitResource.Rtprio => new RlimitSpec(resource, 0, 0),
        _ => new RlimitSpec(resource, RlimitSpec.Infinity, RlimitSpec.Infinity),
    };

    // Who may not raise hard limits gives what it has.
    private static IReadOnlyList<RlimitSpec> Possible()
    {
        var all = Of(Number("/proc/sys/kernel/threads-max"), Number("/proc/sys/fs/nr_open"));
        return (StatusFile.Read(Environment.ProcessId)?.CapEffective & (1UL << RaiseLimits)) != 0 ? all : [.. all.Select(Within)];
    }

    private static unsafe RlimitSpec Within(RlimitSpec wanted)
    {
        SuperviseNative.Limit own;
        return SuperviseNative.prlimit(0, (int)wanted.Resource, null, &own) == 0
            ? wanted with { Soft = Math.Min(wanted.Soft, own.Hard), Hard = Math.Min(wanted.Hard, own.Hard) }
            : wanted;
    }

    private static ulong Number(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            throw Sys.Failure("open", path, errno);
        using (file)
            return ulong.TryParse(Sys.ReadAll(file).Text, CultureInfo.InvariantCulture, out var number) ? number : throw Sys.Failure("read", path, Errno.EINVAL);
    }
}
