namespace Provision.Kernel.Launch;

/// <summary>
/// A child that changes its ids makes the memory that it shares with us dumpable as fs.suid_dumpable says. After each
/// launch that is put back to what it was before the first of those under way.
/// </summary>
internal static class Dumpable
{
    private static readonly Lock Turn = new();
    private static int _underWay;
    private static int _before;

    public static void Enter()
    {
        lock (Turn)
            if (_underWay++ == 0)
                _before = Now;
    }

    public static void Leave()
    {
        lock (Turn)
        {
            _underWay--;
            if (Now != _before)
                LaunchNative.prctl(LaunchNative.SetDumpable, _before, 0, 0, 0);
        }
    }

    private static int Now => LaunchNative.prctl(LaunchNative.GetDumpable, 0, 0, 0, 0);
}
