using System.Text;
using Provision.Kernel.Launch;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>
/// Pipes that stand in for standard streams: what is inside a container never holds a description of the caller's, which
/// outlives the command and, for a terminal, takes keys and makes some up (TIOCSTI).
/// </summary>
internal sealed unsafe class EntryPipes : IDisposable
{
    private readonly List<Fd> _inside = [];
    private readonly string? _label;

    /// <param name="input">With a pipe for standard input; else it is /dev/null.</param>
    /// <param name="uid">The host's id of who runs inside; who may open /dev/stdout and its like there.</param>
    /// <param name="label">SELinux's, of what the container may use; null: a pipe has the label of who makes it.</param>
    /// <exception cref="Reconciler.KernelException">Out of descriptors.</exception>
    public EntryPipes(bool input, uint uid, uint gid, string? label)
    {
        _label = label;
        try
        {
            if (input)
            {
                (var read, Input) = Pipe();
                Inside(read, uid, gid);
            }
            else
            {
                var (nothing, errno) = Sys.Open(Libc.AT_FDCWD, "/dev/null", Libc.O_RDONLY);
                _inside.Add(nothing ?? throw Sys.Failure("open", "/dev/null", errno));
            }

            (Output, var written) = Pipe();
            Inside(written, uid, gid);
            (Errors, written) = Pipe();
            Inside(written, uid, gid);
            // Ours alone: the other ends are descriptions of their own, and block.
            foreach (var end in new[] { Input, Output, Errors })
                if (end is not null && SuperviseNative.fcntl(end.Number, StatusFlags, Libc.O_NONBLOCK) != 0)
                    throw Sys.Failure("fcntl", "pipe", Sys.LastError, "O_NONBLOCK");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private const int StatusFlags = 4; // F_SETFL

    /// <summary>The caller's ends; no input when the process reads nothing.</summary>
    public Fd? Input { get; private set; }

    public Fd Output { get; private set; } = null!;

    public Fd Errors { get; private set; } = null!;

    public LaunchStdio Stdio => new(_inside[0].Number, _inside[1].Number, _inside[2].Number);

    /// <summary>Closes the ends that the process has by now: an end of a stream is seen only when nobody else holds it.</summary>
    public void Started()
    {
        foreach (var end in _inside)
            end.Dispose();
        _inside.Clear();
    }

    public void CloseInput()
    {
        Input?.Dispose();
        Input = null;
    }

    public void Dispose()
    {
        Started();
        CloseInput();
        Output?.Dispose();
        Errors?.Dispose();
    }

    // A pipe belongs to who makes it, and nobody else opens it anew.
    private void Inside(Fd end, uint uid, uint gid)
    {
        _inside.Add(end);
        if ((uid, gid) != (0, 0) && SuperviseNative.fchown(end.Number, uid, gid) != 0)
            throw Sys.Failure("fchown", "pipe", Sys.LastError);
        if (_label is not null && Xattr.Set(end, "security.selinux", Encoding.UTF8.GetBytes(_label)) is var errno and not 0)
            throw Sys.Failure("setxattr", "pipe", errno, _label);
    }

    private static (Fd Read, Fd Written) Pipe()
    {
        var ends = stackalloc int[2];
        return SuperviseNative.pipe2(ends, Libc.O_CLOEXEC) == 0 ? (new Fd(ends[0]), new Fd(ends[1])) : throw Sys.Failure("pipe2", "exec", Sys.LastError);
    }
}
