using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Provision.Testing;

/// <summary>A thread that lives in another network namespace (setns(2) binds the calling thread only).</summary>
internal static class NetnsThread
{
    private const int CloneNewNet = 0x40000000;

    public static T Run<T>(string path, Func<T> body)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(path);
                result = body();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Enter(string path)
    {
        using var file = File.OpenHandle(path);
        if (setns((int)file.DangerousGetHandle(), CloneNewNet) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"setns {path}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setns(int fd, int type);
}
