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
        OnThreads(1, () =>
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
    internal static KernelError?[] RunEach(IReadOnlyList<SafeHandle> namespaces, Action<int> work) => RunEach(namespaces, 1, () => work);

    /// <summary>Does work in each of many, on a thread a processor where there are so many that it is worth it.</summary>
    /// <param name="begin">Called on each thread: gives the work as that thread does it, with what belongs to it alone.</param>
    /// <returns>For each what the kernel refused; null where the work was done.</returns>
    internal static KernelError?[] RunEachSideBySide(IReadOnlyList<SafeHandle> namespaces, Func<Action<int>> begin) =>
        RunEach(namespaces, SideBySide.Threads(namespaces.Count), begin);

    private static KernelError?[] RunEach(IReadOnlyList<SafeHandle> namespaces, int threads, Func<Action<int>> begin)
    {
        var errors = new KernelError?[namespaces.Count];
        var next = -1;
        ExceptionDispatchInfo? failure = null;
        OnThreads(threads, () =>
        {
            try
            {
                var work = begin();
                for (var i = Interlocked.Increment(ref next); i < errors.Length && failure is null; i = Interlocked.Increment(ref next))
                    errors[i] = Try(namespaces[i], i, work);
            }
            catch (Exception thrown)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(thrown), null);
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

    private static void OnThreads(int count, ThreadStart body)
    {
        var threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            threads[i] = new Thread(body) { IsBackground = true };
            threads[i].Start();
        }

        foreach (var thread in threads)
            thread.Join();
    }
}
