using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>Keeps descriptors open while their numbers are in a request.</summary>
internal sealed class HeldHandles : IDisposable
{
    private readonly List<SafeHandle> _held = [];

    /// <exception cref="ObjectDisposedException">One of them is closed.</exception>
    public HeldHandles(IEnumerable<SafeHandle> handles)
    {
        try
        {
            foreach (var handle in handles)
            {
                var added = false;
                handle.DangerousAddRef(ref added);
                if (added)
                    _held.Add(handle);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IEnumerable<int> Numbers => _held.Select(static h => (int)h.DangerousGetHandle());

    public void Dispose()
    {
        foreach (var handle in _held)
            handle.DangerousRelease();
        _held.Clear();
    }
}
