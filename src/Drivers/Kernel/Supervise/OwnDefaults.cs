using System.Globalization;
using System.Runtime.InteropServices;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Makes what containers are born with the same whoever started the supervisor: priority, scheduler, processors, umask
/// and limits. Limits of its own, but for as many open files as there may be: each container takes some.
/// </summary>
internal static unsafe partial class OwnDefaults
{
    private const uint Umask = 0x12; // 022
    private const int Process = 0, OtherScheduler = 0; // PRIO_PROCESS, SCHED_OTHER
    private const int IoProcess = 1; // IOPRIO_WHO_PROCESS
    private const int ProcessorBytes = 1024; // 8,192 processors

    /// <param name="note">Told what cannot be set: then it is as it was.</param>
    public static void Set(Action<string> note)
    {
        _ = umask(Umask);
        foreach (var limit in RlimitDefaults.All)
        {
            var value = new SuperviseNative.Limit { Soft = limit.Resource == RlimitResource.Nofile ? limit.Hard : limit.Soft, Hard = limit.Hard };
            if (SuperviseNative.prlimit(0, (int)limit.Resource, &value, null) != 0)
                note($"prlimit {limit.Resource}: {ErrnoNames.Describe(Sys.LastError)}");
        }

        // All of these belong to a thread; those that come later take after the one that makes them.
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            if (int.TryParse(Path.GetFileName(thread), CultureInfo.InvariantCulture, out var id))
                Set(id, note);
    }

    private static void Set(int thread, Action<string> note)
    {
        int none = 0;
        var all = stackalloc byte[ProcessorBytes];
        new Span<byte>(all, ProcessorBytes).Fill(0xff);
        void Try(string what, long result)
        {
            if (result < 0)
                note($"{what}: {ErrnoNames.Describe(Sys.LastError)}");
        }

        if (sched_getscheduler(thread) != OtherScheduler)
            Try("sched_setscheduler", sched_setscheduler(thread, OtherScheduler, &none));
        Try("setpriority", setpriority(Process, (uint)thread, 0));
        Try("sched_setaffinity", sched_setaffinity(thread, ProcessorBytes, all));
        Try("ioprio_set", SuperviseNative.Call(Libc.IsArm64 ? 30 : 251, IoProcess, thread, 0, 0));
    }

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, uint who, int value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getscheduler(int thread);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setscheduler(int thread, int policy, int* parameter);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint bytes, byte* mask);
}
