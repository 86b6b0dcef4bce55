
namespace Provision.Kernel.Launch;

/// <summary>What became of a launch: read from the program's memory after clone3 has returned.</summary>
internal sealed unsafe class LaunchOutcome(ProgramImage image, bool late)
{
    private const int SigKill = 9;

    /// <summary>The process that executes now; every other one of the launch is reaped.</summary>
    public Launched Started()
    {
        var first = First();
        if (image.Child is null)
            return Executes(image) ? first : throw Refused(image, first);

        // The first child only prepared; the second is a child of ours too (CLONE_PARENT), its pidfd is in our table.
        using (first)
        {
            var exit = first.Wait();
            var pidFd = Volatile.Read(ref *image.Child.PidFd);
            var failed = image.Native->Failed;
            if (pidFd < 0 || (failed >= 0 && image.Program.Steps[failed].Child is not null))
                throw Refusal(image, exit);
            var whole = exit.Signal == 0 && failed < 0;
            var second = new Launched(whole ? (int)image.Slot(LaunchProgram.ChildPid) : 0, new Fd(pidFd));
            if (whole)
                return Executes(image.Child) ? second : throw Refused(image.Child, second);

            // Killed while the second was under way, which still runs on the memory of the program; or failed after that one was there.
            second.Signal(SigKill);
            var refused = Refused(image.Child, second);
            throw failed >= 0 ? Refusal(image, exit) : refused;
        }
    }

    /// <summary>A program without execve that did all its steps; reaped after <paramref name="read"/>.</summary>
    public void Performed(Action<Func<string, long>, int> read)
    {
        using var child = First();
        var whole = image.Native->Failed < 0 && image.Native->At == image.Native->Count - 1 && image.Native->Steps[image.Native->At].Done != 0;
        try
        {
            if (whole)
                read(image.Slot, child.Pid);
        }
        finally
        {
            var exit = child.Wait();
            if (!whole)
                throw Refusal(image, exit);
        }
    }

    private Launched First() => image.Result >= 0
        ? new Launched((int)image.Result, new Fd(*image.PidFd))
        : throw LaunchException.Failed(image.Program.Title, -1, null, (int)-image.Result);

    private static bool Executes(ProgramImage image) =>
        image.Native->Failed < 0 && (image.AtGate || (image.Native->At >= 0 && image.Program.Steps[image.Native->At].Call == SystemCall.Execve));

    private LaunchException Refused(ProgramImage of, Launched child)
    {
        using (child)
            return Refusal(of, child.Wait());
    }

    private LaunchException Refusal(ProgramImage of, ExitStatus exit)
    {
        var title = of.Program.Title;
        var steps = of.Program.Steps;
        if (of.Native->Failed >= 0)
        {
            var (index, errno) = Telling(of);
            return LaunchException.Failed(title, index, steps[index], errno);
        }

        var at = Math.Max(0, of.Native->At);
        return LaunchException.Killed(title, at, steps[at], exit, late);
    }

    // Of several places where an executable was looked for, the one where it lies and may not be executed says more
    // than the last one where it is not.
    private static (int Index, int Errno) Telling(ProgramImage of)
    {
        var failed = of.Native->Failed;
        if (of.Program.Steps[failed].Call == SystemCall.Execve)
            for (var i = 0; i < failed; i++)
                if (of.Program.Steps[i].Call == SystemCall.Execve && of.Native->Steps[i].Error == Errno.EACCES)
                    return (i, Errno.EACCES);
        return (failed, of.Native->Error);
    }
}
