namespace Provision.Kernel.Launch;

/// <summary>One launch, between the thread that asks for it and the thread that makes the child.</summary>
internal sealed class LaunchJob
{
    private const int SigKill = 9;

    private readonly ProgramImage _image;
    private readonly Lock _turn = new();
    private bool _leftAlone;

    public LaunchJob(ProgramImage image)
    {
        _image = image;
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
