using System.Collections.Immutable;
using Provision.Kernel.Supervise;

namespace Provision.Kernel;

/// <summary>A system call that this kernel, or the sandbox around this process, does not have.</summary>
/// <param name="Since">The Linux that brought it.</param>
public sealed record MissingCall(string Name, string Since);

/// <summary>
/// The system calls without which no container is started here, with the Linux that brought each (the man pages' HISTORY).
/// There is no second way for them: without openat2(2) a path in a hostile root cannot be resolved safely, without
/// pidfds a process can be mistaken for another.
/// </summary>
public static class NeededCalls
{
    // From 424 on numbers are the same on every architecture.
    private static readonly (string Name, long Number, string Since)[] All =
    [
        ("pidfd_send_signal", 424, "5.1"), ("open_tree", 428, "5.2"), ("move_mount", 429, "5.2"), ("fsopen", 430, "5.2"), ("fsconfig", 431, "5.2"),
        ("fsmount", 432, "5.2"), ("pidfd_open", 434, "5.3"), ("clone3", 435, "5.3"), ("close_range", 436, "5.9"), ("openat2", 437, "5.6"),
        ("pidfd_getfd", 438, "5.6"), ("mount_setattr", 442, "5.12"),
    ];

    private static readonly Lazy<ImmutableArray<MissingCall>> Found = new(Look);

    /// <summary>
    /// Asked of the kernel once a process: each is called with arguments that it refuses (no descriptor has the number −1).
    /// The reading filter, which refuses most of them itself, asks before it is worn.
    /// </summary>
    public static ImmutableArray<MissingCall> Missing => Found.Value;

    /// <summary>What a call that returned ENOSYS needs, where it is one of these; null for other errors and other calls.</summary>
    public static string? Needs(string call, int errno) =>
        errno == Errno.ENOSYS && All.FirstOrDefault(c => c.Name == call) is { Since: { } since }
            ? $"{call} needs Linux {since} or later, and a sandbox that lets it through"
            : null;

    // close_range from 1 to 0 is no range; every other's first argument is a descriptor or a null pointer.
    private static ImmutableArray<MissingCall> Look() =>
    [
        .. All.Where(static c => SuperviseNative.Call(c.Number, FirstArgument(c.Name), 0, 0, 0) != 0 && Sys.LastError == Errno.ENOSYS)
            .Select(static c => new MissingCall(c.Name, c.Since)),
    ];

    private static long FirstArgument(string name) => name switch
    {
        "clone3" or "fsopen" => 0,
        "close_range" => 1,
        _ => -1,
    };
}
