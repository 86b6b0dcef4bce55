using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>Work in another network namespace. A socket keeps the namespace it was opened in.</summary>
public static class NetworkNamespace
{
    /// <summary>
    /// Runs on a thread that enters the namespace and ends there, so no other code ever runs in it. Open sockets in it
    /// and hand them out.
    /// </summary>
    /// <param name="path"><c>/run/netns/NAME</c> or <c>/proc/PID/ns/net</c>.</param>
    /// <exception cref="KernelException">The namespace cannot be entered.</exception>
    public static T Run<T>(string path, Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(path);
                if (NetlinkNative.SetNamespace(handle, NetlinkNative.CloneNewNet) != 0)
                    throw new KernelException(new KernelError("setns", path, null, Marshal.GetLastPInvokeError()));
                result = work();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
