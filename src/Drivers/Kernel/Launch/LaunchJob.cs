namespace Provision.Kernel.Launch;

/// <summary>One launch, between the thread that asks for it and the thread that makes the child.</summary>
internal sealed class LaunchJob
{
    private const int SigKill = 9;

    private readonly ProgramImage _image;
    private readonly LaunchGate? _gate;
    private readonly Lock _turn = new();
    private bool _leftAlone;

    public LaunchJob(ProgramImage image, LaunchGate? gate = null)
    {
        (_image, _gate) = (image, gate);
        // The child runs on this memory, for longer than who asked may wait.
        image.Hold();
    }

    public ManualResetEventSlim Begun { get; } = new(initialState: false, spinCount: 0);

    public ManualResetEventSlim Done { get; } = new(initialState: false, spinCount: 0);

    /// <summary>Makes the child and waits for it; false when nobody waits for this thread any more.</summary>
    public unsafe bool Run()
    {
        Begun.Set();
        Dumpable.Enter();
        _image.Result = LaunchNative.provision_launch(_image.Args, sizeof(CloneArgs), _image.Native);
        if (_gate is not null && _image.Result >= 0)
            Await(_gate);
        Dumpable.Leave();
        bool leftAlone;
        lock (_turn)
        {
            leftAlone = _leftAlone;
            Done.Set();
        }

        if (leftAlone)
            Reap();
        _image.Dispose();
        return !leftAlone;
    }

    private unsafe void Await(LaunchGate gate)
    {
        var waits = _image.Child ?? _image;
        if (gate.Await(() => (int)(_image.Child is null ? _image.Result : _image.Slot(LaunchProgram.ChildPid)), () => Kill(waits)))
        {
            _image.StayAtGate();
            _image.Child?.StayAtGate();
        }
    }

    private static unsafe void Kill(ProgramImage image)
    {
        if (Volatile.Read(ref *image.PidFd) >= 0)
            Children.Signal(*image.PidFd, SigKill);
    }

    /// <summary>Nobody waits for it any more; false when it is done by now.</summary>
    public bool LeaveAlone()
    {
        lock (_turn)
            return !Done.IsSet && (_leftAlone = true);
    }

    // It was killed long ago, and ends now.
    private unsafe void Reap()
    {
        foreach (var image in (ProgramImage?[])[_image, _image.Child])
            if (image is not null && *image.PidFd >= 0)
                using (var process = new Fd(*image.PidFd))
                {
                    Children.Signal(process.Number, SigKill);
                    Children.Reap(LaunchNative.PidFdWait, (uint)process.Number, wait: true);
                }
    }
}
