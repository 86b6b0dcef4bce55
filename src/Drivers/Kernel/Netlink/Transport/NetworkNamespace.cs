using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Work in another network namespace (setns(2)), always on a thread that ends there, so that no other code ever runs in
/// it. A socket keeps the namespace it was opened in, and keeps it alive.
/// </summary>
public static class NetworkNamespace
{
    /// <summary>A descriptor of the namespace; held, it keeps the namespace alive.</summary>
    /// <param name="path"><c>/run/netns/NAME</c> or <c>/proc/PID/ns/net</c>.</param>
    /// <exception cref="KernelException">There is no such file: the process is gone.</exception>
    public static SafeFileHandle Open(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            throw Sys.Failure("open", path, errno);
        using (file)
        {
            var handle = new SafeFileHandle(file.Number, ownsHandle: true);
            file.SetHandleAsInvalid();
            return handle;
        }
    }

    /// <summary>Opens sockets there and hands them out.</summary>
    /// <param name="path"><c>/run/netns/NAME</c> or <c>/proc/PID/ns/net</c>.</param>
    /// <exception cref="KernelException">The namespace cannot be entered.</exception>
    public static T Run<T>(string path, Func<T> work)
    {
        using var handle = Open(path);
        return Run(handle, work);
    }

    /// <inheritdoc cref="Run{T}(string, Func{T})"/>
    public static T Run<T>(SafeHandle handle, Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        OnAThread(() =>
        {
            try
            {
                Enter(handle);
                result = work();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        });
        failure?.Throw();
        return result;
    }

    /// <summary>Does work in each of many, one after the other on one thread.</summary>
    /// <param name="work">Given the place in the list.</param>
    /// <returns>For each what the kernel refused; null where the work was done.</returns>
    internal static KernelError?[] RunEach(IReadOnlyList<SafeHandle> namespaces, Action<int> work)
    {
        var errors = new KernelError?[namespaces.Count];
        ExceptionDispatchInfo? failure = null;
        OnAThread(() =>
        {
            try
            {
                for (var i = 0; i < errors.Length; i++)
                    errors[i] = Try(namespaces[i], i, work);
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        });
        failure?.Throw();
        return errors;
    }

    private static KernelError? Try(SafeHandle handle, int place, Action<int> work)
    {
        try
        {
            Enter(handle);
            work(place);
            return null;
        }
        catch (KernelException refused)
        {
            return refused.Error;
        }
    }

    private static void Enter(SafeHandle handle)
    {
        if (NetlinkNative.SetNamespace(handle, NetlinkNative.CloneNewNet) != 0)
            throw new KernelException(new KernelError("setns", "network namespace", null, Marshal.GetLastPInvokeError()));
    }

    private static void OnAThread(ThreadStart body)
    {
        var thread = new Thread(body) { IsBackground = true };
        thread.Start();
        thread.Join();
    }
}
