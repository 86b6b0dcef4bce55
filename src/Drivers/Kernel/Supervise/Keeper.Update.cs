using System.Globalization;
using System.Text;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Changes in place.</summary>
internal sealed partial class Keeper
{
    private const int NoSuchProcess = 3; // ESRCH

    /// <summary>Changes the part in the kernel, where it is known there, and then in the order.</summary>
    public KernelError? Update(ContainerPart part, ContainerOrder from)
    {
        var next = part switch
        {
            ContainerPart.Rlimits => Order with { Sandbox = Order.Sandbox with { Rlimits = from.Sandbox.Rlimits } },
            ContainerPart.OomScoreAdj => Order with { Sandbox = Order.Sandbox with { OomScoreAdj = from.Sandbox.OomScoreAdj } },
            ContainerPart.Hostname => Order with { Sandbox = Order.Sandbox with { Hostname = from.Sandbox.Hostname } },
            ContainerPart.Restart => Order with { Restart = from.Restart },
            ContainerPart.Stop => Order with { Stop = from.Stop },
            ContainerPart.Logging => Order with { Logging = from.Logging },
            _ => Order,
        };
        var error = _process is null ? null : part switch
        {
            ContainerPart.Rlimits => SetRlimits(next.Sandbox.Rlimits),
            ContainerPart.OomScoreAdj => SetOomScore(next.Sandbox.OomScoreAdj ?? 0),
            ContainerPart.Hostname when next.Sandbox.Hostname is { } name => Hostnames.Set(_process!, name),
            _ => null,
        };
        return error ?? Keep(next);
    }

    /// <summary>Makes an interface as said, or takes it out; told when it is done.</summary>
    public void ChangeInterface(string name, NetworkAttachment? attachment, Action<KernelError?> told)
    {
        var others = Order.Sandbox.Networks.Where(n => n.Interface != name);
        var next = Order with { Sandbox = Order.Sandbox with { Networks = attachment is null ? [.. others] : [.. others, attachment] } };
        if (_process is null)
        {
            told(Keep(next));
            return;
        }

        var (order, pid, process) = (Order, Run.Pid, Exec.Lift(_process));
        _context.Work.Post(
            () =>
            {
                using (process)
                    return Boxed.Of(attachment is null ? _context.Launcher.RemoveInterface(order, pid, process, name) : _context.Launcher.SetInterface(order, pid, process, attachment));
            },
            (result, thrown) => told(thrown is null
                ? result!.Error ?? Keep(next)
                : thrown is KernelException refused ? refused.Error : new KernelError("change interface", name, null, Errno.EIO, thrown.Message)));
    }

    private KernelError? Keep(ContainerOrder next)
    {
        var before = Order;
        Order = next;
        if (_log is not null)
            _log.Limits = next.Logging;
        try
        {
            Persist();
            return null;
        }
        catch (KernelException refused)
        {
            Order = before;
            return refused.Error;
        }
    }

    // A limit belongs to a process; those that run already have theirs from the first one.
    private unsafe KernelError? SetRlimits(IReadOnlyList<RlimitSpec> limits)
    {
        foreach (var pid in _cgroup.Processes())
            foreach (var limit in RlimitDefaults.Complete(limits))
            {
                using var process = PidFd.Open(pid);
                // prlimit(2) takes a number: looked up again, while a descriptor shows that nobody else got it.
                if (process is null || !_cgroup.Processes().Contains(pid) || !PidFd.HoldsPid(process))
                    break;
                var value = new SuperviseNative.Limit { Soft = limit.Soft, Hard = limit.Hard };
                if (SuperviseNative.prlimit(pid, (int)limit.Resource, &value, null) != 0 && Sys.LastError != NoSuchProcess)
                    return new KernelError("prlimit", Order.Name, $"{limit.Resource}={limit.Soft}:{limit.Hard}", Sys.LastError, LimitRefusal.Reason(Sys.LastError));
            }

        return null;
    }

    private KernelError? SetOomScore(int score)
    {
        var text = score.ToString(CultureInfo.InvariantCulture);
        foreach (var pid in _cgroup.Processes())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/oom_score_adj");
            var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_WRONLY);
            if (file is null)
            {
                if (errno == Errno.ENOENT)
                    continue;
                return new KernelError("open", path, text, errno);
            }

            using (file)
            {
                // Looked up after the opening: the file is of who is in the cgroup, or of nobody any more (ESRCH).
                if (_cgroup.Processes().Contains(pid) && Sys.WriteAll(file, Encoding.ASCII.GetBytes(text)) is var refused and not 0 and not NoSuchProcess)
                    return new KernelError("write", path, text, refused);
            }
        }

        return null;
    }

    private sealed record Boxed(KernelError? Error)
    {
        public static Boxed Of(KernelError? error) => new(error);
    }
}
