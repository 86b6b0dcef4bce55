using Microsoft.Win32.SafeHandles;

namespace Provision.Kernel;

/// <summary>An open file descriptor; closed when it is disposed. Raw numbers do not leave Kernel/Sys.</summary>
internal sealed class Fd : SafeHandleMinusOneIsInvalid
{
    public Fd(int number) : base(ownsHandle: true) => SetHandle(number);

    public int Number => (int)handle;

    // close(2): the descriptor is gone whatever it returns, so there is nothing to retry.
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
