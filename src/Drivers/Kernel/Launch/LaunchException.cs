using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Launch;

/// <summary>
/// Why a process was not started. Nothing of it is left: it is dead and reaped; unless it is told to be stuck in the
/// kernel, and dies when that lets go.
/// </summary>
public sealed class LaunchException : Exception
{
    internal LaunchException(string title, int index, Step? step, int errno, string reason)
        : base(string.Create(CultureInfo.InvariantCulture, $"launch of {title}, step {index}: {step?.ToString() ?? "clone3"}: {reason}"))
    {
        Index = index;
        Step = step;
        Errno = errno;
    }

    /// <summary>The step that failed, from 0; −1 for clone3 itself.</summary>
    public int Index { get; }

    /// <summary>Null for clone3 itself.</summary>
    public Step? Step { get; }

    /// <summary>A positive errno; 0 when the child was killed.</summary>
    public int Errno { get; }

    internal static LaunchException Failed(string title, int index, Step? step, int errno) =>
        new(title, index, step, errno, NeededCalls.Needs(step?.Call.Name ?? "clone3", errno) is { } needs ? $"{ErrnoNames.Describe(errno)}: {needs}" : ErrnoNames.Describe(errno));

    internal static LaunchException Stuck(string title, int index, Step? step) =>
        new(title, index, step, Provision.Kernel.Errno.EIO, "did not go on in time, was killed, and does not end: it waits in the kernel for what does not answer");

    internal static LaunchException Killed(string title, int index, Step step, ExitStatus exit, bool late) =>
        new(title, index, step, 0, late ? "did not go on in time and was killed" : $"the child was ended there ({exit})");
}
