using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Asks a program, in a process of its own, whether it could go on from a handover: <c>supervise --check</c> with the
/// state as its standard input. After execve(2) it would be too late.
/// </summary>
internal static unsafe class SuccessorCheck
{
    private const short PollIn = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Null when it can. Takes as long as the program does, and no longer than two minutes.</summary>
    public static KernelError? Run(Fd program, string instance, HandoverState state)
    {
        var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDWR);
        if (nothing is null)
            throw Sys.Failure("open", "/dev/null", errno);
        using (nothing)
        using (var memory = Memory("handover"))
        using (var said = Memory("said"))
        {
            if (Sys.WriteAll(memory, state.ToBytes()) is var full and not 0)
                return new KernelError("write", "handover", null, full);
            Logs.LogNative.lseek(memory.Number, 0, 0);
            var pid = Exec.Spawn($"/proc/self/fd/{program.Number}", ["provision", "supervise", "--instance", instance, "--check"], [memory, nothing, said]);
            var status = Wait(pid);
            if (status == 0)
                return null;
            Logs.LogNative.lseek(said.Number, 0, 0);
            var text = Sys.ReadAll(said).Text?.Trim() ?? "";
            return new KernelError("check", "the successor", null, Errno.EOPNOTSUPP,
                string.Create(CultureInfo.InvariantCulture, $"it cannot go on from what this supervisor would leave it (exit status {status}); nothing was changed{(text.Length > 0 ? ": " : "")}{text[..Math.Min(text.Length, 1000)]}"));
        }
    }

    private static int Wait(int pid)
    {
        // Ours and not reaped before Exec.Wait: the number stays its.
        var number = SuperviseNative.Call(SuperviseNative.PidFdOpenNumber, pid, 0, 0, 0);
        if (number < 0)
            throw Sys.Failure("pidfd_open", "the successor", Sys.LastError);
        using var process = new Fd((int)number);
        var until = System.Diagnostics.Stopwatch.StartNew();
        var poll = new Libc.PollFd { Fd = process.Number, Events = PollIn };
        while (until.Elapsed < Patience && Libc.poll(&poll, 1, 1000) <= 0)
            continue;
        if (until.Elapsed >= Patience)
            PidFd.Signal(process, SuperviseNative.SigKill);
        return Exec.Wait(pid);
    }

    private static Fd Memory(string name)
    {
        var number = SuperviseNative.memfd_create(name, SuperviseNative.MemoryCloseOnExec);
        return number >= 0 ? new Fd(number) : throw Sys.Failure("memfd_create", name, Sys.LastError);
    }
}
