using System.Globalization;
using System.Text;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>A program of the host that is run at some moment of a container's life, with its state as standard input.</summary>
/// <param name="Path">Absolute host path.</param>
/// <param name="Args">argv; empty: the path alone.</param>
/// <param name="Env">The whole environment, each <c>NAME=VALUE</c>.</param>
/// <param name="TimeoutSeconds">Then it is killed, which is a failure; null: never.</param>
public sealed record RuntimeHook(string Path, IReadOnlyList<string> Args, IReadOnlyList<string> Env, int? TimeoutSeconds)
{
    private const string Name = "hook";
    private const int MostSaid = 2048;

    /// <summary>Runs it to its end.</summary>
    /// <param name="state">What it reads.</param>
    /// <param name="directory">Where it runs.</param>
    /// <exception cref="KernelException">It could not be run, was late, or failed: what it said on standard error is told.</exception>
    public unsafe void Run(RuntimeLauncher runtime, ReadOnlySpan<byte> state, string directory)
    {
        using var input = Memory(state);
        using var said = Memory([]);
        var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_WRONLY);
        if (nothing is null)
            throw Sys.Failure("open", "/dev/null", errno);
        using (nothing)
        {
            using var inputs = new LaunchInputs(new LaunchStdio(input.Number, nothing.Number, said.Number));
            Launched started;
            try
            {
                started = runtime.Launcher.Start(Program(directory), inputs);
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

    private LaunchProgram Program(string directory)
    {
        var to = new StepList();
        ExecSteps.Begin(to);
        to.Add(SystemCall.SetSid);
        to.Add(SystemCall.Chdir, directory);
        ExecSteps.Stdio(to);
        ExecSteps.Reset(to);
        to.Add(SystemCall.Execve, Path, Argument.Vector(Args.Count == 0 ? [Path] : Args), Argument.Environment(Env));
        return new LaunchProgram(Name, CloneFlags.None, [LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr], to.ToImmutable());
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
