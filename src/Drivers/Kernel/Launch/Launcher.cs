using System.Diagnostics;

namespace Provision.Kernel.Launch;

/// <summary>
/// Starts processes by running launch programs. All children are made by threads that live as long as the launcher:
/// PR_SET_PDEATHSIG fires when the thread that cloned ends. Each waits for its child until that executes or dies; the
/// caller meanwhile is the watchdog of a child that was stopped or frozen. Safe for use from several threads.
/// </summary>
public sealed class Launcher : IDisposable
{
    private static readonly TimeSpan Insisting = TimeSpan.FromMilliseconds(200);
    private const int SigKill = 9;

    private readonly WaitingList<LaunchJob> _jobs = new();

    /// <param name="threads">How many launches may be under way at once; the others wait.</param>
    public Launcher(int threads = 1)
    {
        for (var i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = "launch" }.Start();
    }

    /// <summary>How long a child may take until it executes, from when it is made: what waits for its turn is not late.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a child that was killed may take to end. One that waits in the kernel for what does not answer (state D) is left to itself then.</summary>
    public TimeSpan Insistence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program that ends in execve.</summary>
    /// <param name="unblock">Called before a child that is late is killed, and again until it is gone: thaws its cgroup.</param>
    /// <param name="opened">Gets the descriptors that the program leaves open, by their slots; they are the caller's then.</param>
    /// <exception cref="LaunchException">A step failed, or the child was killed before execve; it is reaped.</exception>
    /// <param name="gate">Where a program that <see cref="LaunchProgram.Waits"/> does so; then this returns when it is there.</param>
    public Launched Start(LaunchProgram program, LaunchInputs inputs, Action? unblock = null, Action<string, int>? opened = null, LaunchGate? gate = null)
    {
        using var image = new ProgramImage(program, inputs, Libc.IsArm64);
        var late = Run(image, unblock, gate);
        var taken = false;
        try
        {
            var started = new LaunchOutcome(image, late).Started();
            taken = opened is not null;
            foreach (var name in program.Opens)
                opened?.Invoke(name, (int)image.Slot(name));
            return started;
        }
        catch (LaunchException) when (gate?.Refusal is { } refusal)
        {
            throw refusal;
        }
        finally
        {
            if (!taken)
                Close(image.Left());
        }
    }

    /// <summary>Runs a program that only does its steps, and reaps it.</summary>
    /// <param name="read">Reads slots by name, and has the child's pid while its zombie is there; what the program leaves open is the reader's.</param>
    /// <exception cref="LaunchException">A step failed, or the child was killed.</exception>
    internal void Perform(LaunchProgram program, LaunchInputs inputs, Action<Func<string, long>, int> read)
    {
        using var image = new ProgramImage(program, inputs, Libc.IsArm64);
        var late = Run(image, unblock: null);
        var taken = false;
        try
        {
            new LaunchOutcome(image, late).Performed((slot, pid) =>
            {
                taken = true;
                read(slot, pid);
            });
        }
        finally
        {
            if (!taken)
                Close(image.Left());
        }
    }

    public void Dispose() => _jobs.Close();

    private static void Close(IEnumerable<int> files)
    {
        foreach (var file in files)
            new Fd(file).Dispose();
    }

    // True when the child was late and was killed for it.
    private bool Run(ProgramImage image, Action? unblock, LaunchGate? gate = null)
    {
        var job = new LaunchJob(image, gate);
        _jobs.Add(job);
        job.Begun.Wait();
        if (job.Done.Wait(Patience))
            return false;
        var began = Stopwatch.GetTimestamp();
        do
        {
            if (Stopwatch.GetElapsedTime(began) > Insistence && job.LeaveAlone())
            {
                // Its thread waits with it; others go on.
                new Thread(Work) { IsBackground = true, Name = "launch" }.Start();
                throw image.Stuck();
            }

            unblock?.Invoke();
            Kill(image.Child);
            Kill(image);
        }
        while (!job.Done.Wait(Insisting));
        return true;
    }

    private static unsafe void Kill(ProgramImage? image)
    {
        if (image is not null && Volatile.Read(ref *image.PidFd) >= 0)
            Children.Signal(*image.PidFd, SigKill);
    }

    private void Work()
    {
        while (_jobs.Take(out var job))
            if (!job.Run())
                return;
    }
}
