using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Launch;
using Provision.Kernel.Supervise;
using Provision.Kernel.Terminals;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>A pair of sockets by which a container's terminal comes to the process that creates it.</summary>
public sealed class RuntimeConsole : IDisposable
{
    private readonly FdQueue _queue = FdQueue.Make();

    public SafeHandle Sender => _queue.Sender;

    /// <summary>The master, once the container is created.</summary>
    /// <exception cref="KernelException">It did not come.</exception>
    public SafeFileHandle Master()
    {
        if (_queue.Peek() is not { Files: [var file, ..] })
            throw new KernelException(new KernelError("recvmsg", "console", null, Errno.EIO, "no terminal came"));
        var number = file.Number;
        file.SetHandleAsInvalid();
        _queue.Pop();
        return new SafeFileHandle(number, ownsHandle: true);
    }

    /// <summary>Moves bytes between this process's standard streams and a terminal until the process has ended.</summary>
    public static void Relay(SafeHandle master, Launched process) => new TerminalRelay(master, input: true).Run(process.PidFd);

    public void Dispose() => _queue.Dispose();
}
