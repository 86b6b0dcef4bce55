using System.Runtime.InteropServices;

namespace Provision.Kernel.Launch;

/// <summary>A child that runs its own program by now. It stays a zombie until it is reaped here.</summary>
/// <param name="Pid">In the launcher's pid namespace; its own until <see cref="Reap"/> has given the status.</param>
/// <param name="PidFd">pidfd_open(2): readable when the process has ended.</param>
public sealed record Launched(int Pid, SafeHandle PidFd) : IDisposable
{
    /// <summary>The exit status, and the zombie is gone; null while the process runs.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">It is not this process's child, or was reaped elsewhere (ECHILD).</exception>
    public ExitStatus? Reap() => Children.Reap(LaunchNative.PidFdWait, (uint)PidFd.DangerousGetHandle(), wait: false);

    /// <summary>Waits for the end, and the zombie is gone.</summary>
    public ExitStatus Wait() => Children.Reap(LaunchNative.PidFdWait, (uint)PidFd.DangerousGetHandle(), wait: true)!;

    /// <summary>pidfd_send_signal(2); false when the process has ended.</summary>
    public bool Signal(int signal) => Children.Signal((int)PidFd.DangerousGetHandle(), signal);

    public void Dispose() => PidFd.Dispose();
}
