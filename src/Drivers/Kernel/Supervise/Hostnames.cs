using System.Globalization;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The host name of another process's UTS namespace, read and set on a thread that goes there and ends.</summary>
internal static unsafe class Hostnames
{
    private const int NameMax = 64; // __NEW_UTS_LEN

    /// <summary>Sets it; a process that shares the UTS namespace of this one is refused: that name is the host's.</summary>
    public static KernelError? Set(Fd process, string name)
    {
        KernelError? error = null;
        Elsewhere(() => error = SetThere(process, name));
        return error;
    }

    /// <summary>Of each process; null for one that is gone.</summary>
    public static IReadOnlyList<string?> Get(IReadOnlyList<int> pids)
    {
        var names = new string?[pids.Count];
        if (names.Length > 0)
            Elsewhere(() =>
            {
                for (var i = 0; i < names.Length; i++)
                    names[i] = Enter(pids[i]) is null ? Here() : null;
            });
        return names;
    }

    private static KernelError? SetThere(Fd process, string name)
    {
        var before = Namespace();
        if (SuperviseNative.setns(process.Number, SuperviseNative.NewUts) != 0)
            return new KernelError("setns", "UTS namespace", name, Sys.LastError);
        if (before is null || Namespace() == before)
            return new KernelError("sethostname", "UTS namespace", name, Errno.EINVAL, "it is the host's");
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* at = bytes)
            return SuperviseNative.sethostname(at, (nuint)bytes.Length) == 0 ? null : new KernelError("sethostname", "UTS namespace", name, Sys.LastError);
    }

    private static string? Namespace() => File.ResolveLinkTarget("/proc/thread-self/ns/uts", returnFinalTarget: false)?.Name;

    private static string? Here()
    {
        var text = stackalloc byte[NameMax + 1];
        return SuperviseNative.gethostname(text, NameMax + 1) == 0
            ? Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text))
            : null;
    }

    private static KernelError? Enter(int pid)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/uts");
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return new KernelError("open", path, null, errno);
        using (file)
            return SuperviseNative.setns(file.Number, SuperviseNative.NewUts) == 0 ? null : new KernelError("setns", path, null, Sys.LastError);
    }

    // A thread that has been in another namespace is of no other use.
    private static void Elsewhere(ThreadStart work)
    {
        var thread = new Thread(work) { IsBackground = true };
        thread.Start();
        thread.Join();
    }
}
