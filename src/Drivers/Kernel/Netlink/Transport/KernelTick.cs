using System.Runtime.InteropServices;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>The length of the kernel's timer tick, which no file tells: the resolution of its coarse clocks is it.</summary>
internal static unsafe class KernelTick
{
    private const int MonotonicCoarse = 6; // CLOCK_MONOTONIC_COARSE

    public static long Nanoseconds()
    {
        NetlinkNative.TimeSpec resolution = default;
        return NetlinkNative.ClockResolution(MonotonicCoarse, &resolution) == 0
            ? (resolution.Seconds * 1_000_000_000) + resolution.Nanoseconds
            : throw new KernelException(new KernelError("clock_getres", "CLOCK_MONOTONIC_COARSE", null, Marshal.GetLastPInvokeError()));
    }
}
