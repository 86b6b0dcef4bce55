using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Finds the instance's supervisor, or starts one.</summary>
public sealed class SupervisorStarter(SupervisorPaths paths, string program = "/proc/self/exe")
{
    private const int Attempts = 20;

    /// <summary>A connection to a supervisor that has answered: as long as it is open, that supervisor does not end by itself.</summary>
    /// <exception cref="KernelException">None could be started.</exception>
    public SupervisorClient Connect()
    {
        KernelException? last = null;
        for (var i = 0; i < Attempts; i++)
        {
            try
            {
                if (SupervisorClient.Connect(paths) is { } client)
                    if (Answers(client))
                        return client;
                Start();
            }
            catch (KernelException refused)
            {
                // Somebody else's may just be coming up or going down: the next look finds it or starts another.
                last = refused;
                using var pause = new ManualResetEventSlim();
                pause.Wait(TimeSpan.FromMilliseconds(10 * (i + 1)));
            }
        }

        throw last ?? new KernelException(new KernelError("start", $"supervisor of {paths.Instance}", null, Errno.EAGAIN, "it ended again and again"));
    }

    private static bool Answers(SupervisorClient client)
    {
        try
        {
            client.Ask(new Request { Verb = Verb.Hello }, TimeSpan.FromMinutes(1));
            return true;
        }
        catch (KernelException)
        {
            client.Dispose();
            return false;
        }
    }

    // Through a process in between, so that the supervisor is nobody's child but init's.
    private unsafe void Start()
    {
        var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDWR);
        if (nothing is null)
            throw Sys.Failure("open", "/dev/null", errno);
        using (nothing)
        {
            var ends = stackalloc int[2];
            if (SuperviseNative.pipe2(ends, Libc.O_CLOEXEC) != 0)
                throw Sys.Failure("pipe2", "supervisor", Sys.LastError);
            using var told = new Fd(ends[0]);
            int pid;
            using (var errors = new Fd(ends[1]))
                pid = Exec.Spawn(program, ["provision", "supervise", "--instance", paths.Instance, "--detach"], [nothing, nothing, errors]);
            var said = Sys.ReadAll(told).Text ?? "";
            if (Exec.Wait(pid) is var status and not 0)
                throw new KernelException(new KernelError("start", $"supervisor of {paths.Instance}", null, Errno.EIO, said.Length == 0 ? $"exit status {status}" : said.Trim()));
        }
    }
}
