using System.Globalization;
using System.Text;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>A program that is run at some moment of a container's life, with its state as standard input.</summary>
/// <param name="Path">Absolute; of the host, but for one that is run in the container.</param>
/// <param name="Args">argv; empty: the path alone.</param>
/// <param name="Env">The whole environment, each <c>NAME=VALUE</c>; null: that of this process, as other runtimes have it, or of the container it is run in.</param>
/// <param name="TimeoutSeconds">Then it is killed, which is a failure; null: never.</param>
public sealed record RuntimeHook(string Path, IReadOnlyList<string> Args, IReadOnlyList<string>? Env, int? TimeoutSeconds)
{
    /// <summary>What a failure of a hook is told as.</summary>
    public const string Name = "hook";

    private const int MostSaid = 2048;

    /// <summary>Runs it to its end, on the host.</summary>
    /// <param name="state">What it reads.</param>
    /// <param name="directory">Where it runs.</param>
    /// <exception cref="KernelException">It could not be run, was late, or failed: what it said on standard error is told.</exception>
    public void Run(RuntimeLauncher runtime, ReadOnlySpan<byte> state, string directory) => Run(state, stdio =>
    {
        using var inputs = new LaunchInputs(stdio);
        return runtime.Launcher.Start(HookProgram.OnHost(this, directory), inputs);
    });

    /// <summary>The same in the namespaces of a container that is being created, with the host's files and its own root among them.</summary>
    /// <param name="pid">Its first process, which halts before the pivot.</param>
    public void RunInNamespaces(RuntimeLauncher runtime, ReadOnlySpan<byte> state, string directory, NamespaceSet namespaces, int pid) => Run(state, stdio =>
    {
        using var inputs = new LaunchInputs(stdio);
        inputs.Own(Slots.Init, PidFd.Open(pid) ?? throw Failure(Errno.ESRCH, "the container has ended"));
        var (root, errno) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"), Libc.O_PATH | Libc.O_DIRECTORY);
        inputs.Own(Slots.Root, root ?? throw Failure(errno, "the container's root"));
        return runtime.Launcher.Start(HookProgram.InNamespaces(this, directory, namespaces), inputs);
    });

    /// <summary>The same in a container that waits to be started: its user, rights and limits, a program of its root.</summary>
    /// <param name="process">What the container's process is.</param>
    /// <param name="init">A pidfd of that one.</param>
    public void RunInContainer(RuntimeLauncher runtime, ReadOnlySpan<byte> state, SandboxSpec process, System.Runtime.InteropServices.SafeHandle init) => Run(state, stdio =>
        runtime.Sandboxes.Enter(process with { Command = Args.Count == 0 ? [Path] : Args, Env = Env ?? process.Env, WorkingDirectory = "/" }, init, stdio, program: Path));

    private unsafe void Run(ReadOnlySpan<byte> state, Func<LaunchStdio, Launched> start)
    {
        using var input = Memory(state);
        using var said = Memory([]);
        var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_WRONLY);
        if (nothing is null)
            throw Sys.Failure("open", "/dev/null", errno);
        using (nothing)
        {
            Launched started;
            try
            {
                started = start(new LaunchStdio(input.Number, nothing.Number, said.Number));
            }
            catch (LaunchException refused)
            {
                throw Failure(refused.Errno == 0 ? Errno.EIO : refused.Errno, refused.Message);
            }

            using (started)
            {
                var late = TimeoutSeconds is { } seconds && !PidFd.Wait((Fd)started.PidFd, TimeSpan.FromSeconds(seconds));
                if (late)
                    started.Signal(SuperviseNative.SigKill);
                var status = started.Wait().Shell;
                if (late)
                    throw Failure(Errno.EIO, string.Create(CultureInfo.InvariantCulture, $"it did not end in {TimeoutSeconds} s and was killed"));
                if (status != 0)
                    throw Failure(Errno.EIO, string.Create(CultureInfo.InvariantCulture, $"exit status {status}{Told(said)}"));
            }
        }
    }

    private KernelException Failure(int errno, string reason) => new(new KernelError(Name, Path, null, errno, reason));

    private static Fd Memory(ReadOnlySpan<byte> content)
    {
        var number = SuperviseNative.memfd_create(Name, SuperviseNative.MemoryCloseOnExec);
        if (number < 0)
            throw Sys.Failure("memfd_create", Name, Sys.LastError);
        var file = new Fd(number);
        if (!content.IsEmpty && Sys.WriteAll(file, content) is var errno and not 0)
            throw Sys.Failure("write", Name, errno);
        Logs.LogNative.lseek(file.Number, 0, 0);
        return file;
    }

    private static unsafe string Told(Fd said)
    {
        var bytes = stackalloc byte[MostSaid];
        Logs.LogNative.lseek(said.Number, 0, 0);
        var got = Sys.Read(said.Number, bytes, MostSaid);
        return got <= 0 ? "" : ": " + Encoding.UTF8.GetString(bytes, (int)got).Trim();
    }
}
