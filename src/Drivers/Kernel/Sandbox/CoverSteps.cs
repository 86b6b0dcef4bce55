using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>Paths inside that are hidden, masked or made read-only; those that do not exist are passed over.</summary>
internal static class CoverSteps
{
    public static void Make(StepList to, SandboxSpec spec)
    {
        foreach (var path in spec.Root.Hidden)
            Mask(to, path);
        foreach (var path in spec.Security.ReadonlyPaths)
            ReadOnly(to, path);
        foreach (var path in spec.Security.MaskedPaths)
            Mask(to, path);
    }

    // The place is opened once; the kernel refuses a file on a directory (EINVAL), which is then covered by one.
    private static void Mask(StepList to, string path)
    {
        to.Add(Mounting.Find(path, InRoot) with { Passes = [Errno.ENOENT, Errno.ENOTDIR], SkipPassed = 4 });
        to.Add(Clone(Slots.Null));
        to.Add(Step(SystemCall.MoveMount, Slots.Of("cover"), "", Slots.Of(Slots.Target), "", FromFdToFd) with { Passes = [Errno.EINVAL, Errno.ENOTDIR], SkipDone = 2 });
        to.Add(Clone(Slots.Empty));
        Mounting.AttachOn(to, "cover", Slots.Target);
    }

    private static void ReadOnly(StepList to, string path)
    {
        to.Add(Mounting.Find(path, InRoot) with { Passes = [Errno.ENOENT, Errno.ENOTDIR], SkipPassed = 3 });
        to.Add(Step(SystemCall.OpenTree, Slots.Of(Slots.Target), "", CloneRecursive) with { Result = "cover" });
        to.Add(SystemCall.MountSetAttr, Slots.Of("cover"), "", EmptyRecursive, SetAttr(MountAttr.RdOnly), AttrSize);
        Mounting.AttachOn(to, "cover", Slots.Target);
    }

    private static Step Clone(string source) =>
        Step(SystemCall.OpenTree, Slots.Of(source), "", Constants.Clone) with { Result = "cover" };
}
