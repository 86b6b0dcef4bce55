using System.Globalization;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The life of a supervisor's process: from the command line to the loop, and on to the next program.</summary>
public static class SupervisorProcess
{
    private const int ReadyDescriptor = 3;
    private const int LockExclusive = 2, LockNoWait = 4; // LOCK_EX, LOCK_NB
    private const uint Private = 0x180; // 0600
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A launch waits in the kernel too (for locks of mounts and links, for RCU), where another can go on.
    private static readonly int LaunchThreads = Math.Clamp(Environment.ProcessorCount * 2, 2, 8);

    /// <summary>Starts an instance's supervisor in the background, from a sealed copy of this program, and returns when it answers.</summary>
    /// <exception cref="KernelException">It could not be started; what it said is in the detail.</exception>
    public static unsafe void Detach(SupervisorPaths paths)
    {
        var instance = paths.Instance;
        Prepare(paths);
        using var copy = ProgramFile.Copy("/proc/self/exe");
        using var program = Exec.Lift(copy);
        using var nothing = OpenOrThrow("/dev/null", Libc.O_RDWR);
        using var messages = OpenOrThrow(paths.Log, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW | 0x400); // O_APPEND
        var ends = stackalloc int[2];
        if (SuperviseNative.pipe2(ends, Libc.O_CLOEXEC) != 0)
            throw Sys.Failure("pipe2", "supervisor", Sys.LastError);
        using var told = new Fd(ends[0]);
        string said;
        using (var ready = new Fd(ends[1]))
            Exec.Spawn($"/proc/self/fd/{program.Number}", ["provision", "supervise", "--instance", instance, "--ready"], [nothing, nothing, messages, ready]);
        said = Sys.ReadAll(told).Text ?? "";
        if (!said.StartsWith("ready", StringComparison.Ordinal))
            throw new KernelException(new KernelError("start", $"supervisor of {instance}", null, Errno.EIO, said.Length == 0 ? $"it ended without a word; see {paths.Log}" : said));
    }

    /// <summary>Runs an instance's supervisor until nothing is left to supervise.</summary>
    /// <param name="resume">The descriptor of what the last program of this process left; null for a new supervisor.</param>
    /// <param name="ready">Tell descriptor 3 when callers are answered, or why not.</param>
    /// <param name="note">Takes messages for who looks into what went wrong.</param>
    /// <exception cref="KernelException">Another supervisor of the instance runs, or the kernel refuses.</exception>
    public static void Run(SupervisorPaths paths, int? resume, bool ready, Action<string> note)
    {
        void Say(string message)
        {
            MessageFile.Trim(paths.Log);
            note(message);
        }

        using var told = ready ? new Fd(ReadyDescriptor) : null;
        try
        {
            Serve(paths, resume, Say, () =>
            {
                if (told is null)
                    return;
                _ = Sys.WriteAll(told, "ready\n"u8);
                told.Dispose();
            });
        }
        catch (KernelException refused)
        {
            if (told is { IsClosed: false })
                _ = Sys.WriteAll(told, Encoding.UTF8.GetBytes(refused.Message));
            throw;
        }
    }

    /// <summary>Reads a handover from standard input and does nothing with it.</summary>
    /// <exception cref="KernelException">This program could not go on from it.</exception>
    public static void Check()
    {
        using var input = OpenOrThrow("/dev/stdin", Libc.O_RDONLY);
        var (text, errno) = Sys.ReadAll(input);
        HandoverState.Parse(text ?? throw Sys.Failure("read", "handover", errno));
    }

    private static void Serve(SupervisorPaths paths, int? resume, Action<string> note, Action isReady)
    {
        var instance = paths.Instance;
        Harden(note);
        OwnDefaults.Set(note);
        Prepare(paths);
        // No file system that an administrator may want to unmount is held.
        Environment.CurrentDirectory = "/";
        using var cgroups = new CgroupRoots(CgroupLayout.Discover());
        using var events = new Epoll();
        using var work = new WorkQueue(LaunchThreads, events.Wake);
        using var launcher = new ContainerLauncher(instance, LaunchThreads);
        var context = new SupervisorContext(paths, cgroups, events, work, launcher, TimeProvider.System) { Note = note };

        using var supervisor = resume is { } memory ? Resume(context, Exec.ReadHandover(memory)) : Begin(context, paths);
        isReady();
        while (supervisor.Run())
        {
            var (asker, program) = supervisor.Successor!.Value;
            var state = supervisor.Handover(out var kept);
            var refused = Exec.Become(program, ["provision", "supervise", "--instance", instance], state, kept);
            program.Dispose();
            supervisor.Successor = null;
            asker.Answer(supervisor.Hello() with { Error = WireError.Of(refused) });
        }

        // The lock is still held: nobody else's socket is removed.
        File.Delete(paths.Socket);
    }

    private static Supervisor Begin(SupervisorContext context, SupervisorPaths paths)
    {
        var held = OpenOrThrow(paths.Lock, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW);
        if (Libc.flock(held.Number, LockExclusive | LockNoWait) != 0)
            throw Sys.Failure("flock", paths.Lock, Sys.LastError, detail: "another supervisor of this instance runs");
        new OwnCgroup(context.Cgroups, context.Paths.Cgroup).EndStrays();
        var supervisor = new Supervisor(context, held, UnixSocket.Listen(paths.Socket));
        supervisor.Adopt();
        return supervisor;
    }

    private static Supervisor Resume(SupervisorContext context, HandoverState state)
    {
        var supervisor = new Supervisor(context, new Fd(state.Lock), new Fd(state.Listener), state.Generation);
        supervisor.TakeOver(state);
        return supervisor;
    }

    private static void Prepare(SupervisorPaths paths)
    {
        try
        {
            Directory.CreateDirectory(paths.RunDirectory);
            foreach (var directory in (string[])[paths.Directory, paths.Orders, paths.Fifos, paths.Logs])
                Directory.CreateDirectory(directory, OwnerOnly);
            // One that was there before may be open to others.
            File.SetUnixFileMode(paths.Directory, OwnerOnly);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(new KernelError("mkdir", paths.Directory, null, Errno.EIO, refused.Message));
        }
    }

    // A container's process that shares this one's memory for the blink of its launch must find nothing to read, and
    // this process should be the last to go when memory runs out; where that may not be, it goes on without.
    private static void Harden(Action<string> note)
    {
        if (SuperviseNative.prctl(SuperviseNative.SetDumpable, 0, 0, 0, 0) != 0)
            note($"prctl(PR_SET_DUMPABLE): {ErrnoNames.Describe(Sys.LastError)}");
        foreach (var score in (int[])[-1000, -999, -500])
        {
            var (file, _) = Sys.Open(Libc.AT_FDCWD, "/proc/self/oom_score_adj", Libc.O_WRONLY);
            if (file is null)
                return;
            using (file)
                if (Sys.WriteAll(file, Encoding.ASCII.GetBytes(score.ToString(CultureInfo.InvariantCulture))) == 0)
                    return;
        }
    }

    private static Fd OpenOrThrow(string path, int flags)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, flags, Private);
        return file ?? throw Sys.Failure("open", path, errno);
    }
}
