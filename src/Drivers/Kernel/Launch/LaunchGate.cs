using Provision.Kernel.Supervise;

namespace Provision.Kernel.Launch;

/// <summary>
/// Where a launch stops: once, if asked for, when its namespaces are there and nothing is mounted yet, and again with all
/// done but execve, until somebody writes a byte to a FIFO, be it long after this process has ended. The child waits in
/// read(2), on this process's memory, which outlives this process for as long as the child needs it.
/// </summary>
public sealed unsafe class LaunchGate : IDisposable
{
    /// <summary>Inputs of the program: where it tells how far it is, where it is told to go on, and the FIFO.</summary>
    internal const string Told = "told", Go = "go", Opened = "gate";

    private const byte Halted = (byte)'h', Reached = (byte)'r';

    private readonly Fd _told, _go, _gate;
    private readonly Action<int>? _halted;
    private Fd? _tell, _gone;

    /// <param name="fifo">Exists; who opens it for writing and writes lets the child go on.</param>
    /// <param name="halted">Told the child's pid at its halt; what it throws ends the child. Null: it does not halt.</param>
    /// <exception cref="Provision.Reconciler.KernelException">It cannot be opened.</exception>
    public LaunchGate(string fifo, Action<int>? halted)
    {
        _halted = halted;
        // For both, so that neither the end of this process nor of another opens the gate.
        var (gate, errno) = Sys.Open(Libc.AT_FDCWD, fifo, Libc.O_RDWR);
        _gate = gate ?? throw Sys.Failure("open", fifo, errno);
        (_told, _tell) = Pipe();
        (_gone, _go) = Pipe();
    }

    /// <summary>It halts before anything is mounted.</summary>
    public bool Halts => _halted is not null;

    /// <summary>What the halt threw; null when all went well.</summary>
    internal Exception? Refusal { get; private set; }

    /// <summary>The slots for a program's inputs.</summary>
    internal void Fill(LaunchInputs inputs)
    {
        inputs[Told] = _tell!.Number;
        inputs[Go] = _gone!.Number;
        inputs[Opened] = _gate.Number;
    }

    /// <summary>The step where it halts.</summary>
    internal static void Halt(StepList to)
    {
        to.Add(SystemCall.Write, Argument.Slot(Told), "h", 1);
        to.Add(SystemCall.Read, Argument.Slot(Go), Argument.Structure(new byte[1], "[1]"), 1);
    }

    /// <summary>
    /// The steps where it waits for the FIFO. Of all that the program has opened, the FIFO alone stays open: who gets at a
    /// process that waits, for hours perhaps, finds nothing of the host's.
    /// </summary>
    /// <param name="kept">How many descriptors from 3 on stay, too.</param>
    internal static void Wait(StepList to, int kept)
    {
        var (gate, told) = (FirstFree + kept, FirstFree + kept + 1);
        // First out of the way: they may be each other's numbers.
        foreach (var name in new[] { Opened, Told })
            to.Add(StepList.Step(SystemCall.Fcntl, Argument.Slot(name), Argument.Named("F_DUPFD_CLOEXEC", 1030), told + 1) with { Result = name + "-copy" });
        to.Add(SystemCall.Dup3, Argument.Slot(Opened + "-copy"), gate, CloseOnExec);
        to.Add(SystemCall.Dup3, Argument.Slot(Told + "-copy"), told, CloseOnExec);
        to.Add(SystemCall.CloseRange, told + 1, Argument.Named("~0U", uint.MaxValue), 0);
        to.Add(SystemCall.Write, told, "r", 1);
        to.Add(SystemCall.Close, told);
        to.Add(SystemCall.Read, gate, Argument.Structure(new byte[1], "[1]"), 1);
    }

    private const int FirstFree = 3;
    private static readonly Argument CloseOnExec = Argument.Named("O_CLOEXEC", 0x80000);

    /// <summary>Waits for the child, whose starter has been cloned; true when it is at the gate, false when it ended before.</summary>
    /// <param name="pid">The child's, known from then on.</param>
    /// <param name="kill">Ends it.</param>
    internal bool Await(Func<int> pid, Action kill)
    {
        // The end of what it tells is the end of the child: nobody else holds the other end.
        _tell?.Dispose();
        _gone?.Dispose();
        (_tell, _gone) = (null, null);
        byte word;
        while (Sys.Read(_told.Number, &word, 1) == 1)
        {
            if (word == Reached)
                return true;
            if (word != Halted)
                continue;
            try
            {
                _halted?.Invoke(pid());
            }
            catch (Exception refused)
            {
                Refusal = refused;
                kill();
                continue;
            }

            _ = Sys.WriteAll(_go, "g"u8);
        }

        return false;
    }

    public void Dispose()
    {
        foreach (var file in new[] { _told, _go, _gate, _tell, _gone })
            file?.Dispose();
    }

    private static (Fd Read, Fd Written) Pipe()
    {
        var ends = stackalloc int[2];
        return SuperviseNative.pipe2(ends, Libc.O_CLOEXEC) == 0 ? (new Fd(ends[0]), new Fd(ends[1])) : throw Sys.Failure("pipe2", "gate", Sys.LastError);
    }
}
