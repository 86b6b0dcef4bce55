using System.Globalization;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The host name of another process's UTS namespace, on a thread that goes there and ends.</summary>
internal static unsafe class Hostnames
{
    private const int NameMax = 64; // __NEW_UTS_LEN

    public static KernelError? Set(int pid, string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return There(pid, () =>
        {
            fixed (byte* at = bytes)
                return SuperviseNative.sethostname(at, (nuint)bytes.Length) == 0 ? null : new KernelError("sethostname", $"process {pid}", name, Sys.LastError);
        });
    }

    /// <summary>Null when the process is gone.</summary>
    public static string? Get(int pid)
    {
        string? name = null;
        var error = There(pid, () =>
        {
            var text = stackalloc byte[NameMax + 1];
            if (SuperviseNative.gethostname(text, NameMax + 1) != 0)
                return new KernelError("gethostname", $"process {pid}", null, Sys.LastError);
            name = Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
            return null;
        });
        return error is null ? name : null;
    }

    private static KernelError? There(int pid, Func<KernelError?> work)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/uts");
        KernelError? error = null;
        var thread = new Thread(() =>
        {
            var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
            if (file is null)
            {
                error = new KernelError("open", path, null, errno);
                return;
            }

            using (file)
                error = SuperviseNative.setns(file.Number, SuperviseNative.NewUts) == 0 ? work() : new KernelError("setns", path, null, Sys.LastError);
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        return error;
    }
}
