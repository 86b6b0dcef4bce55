using System.Globalization;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// The mounts of the specification. Before /proc and /sys are attached: a link in a hostile root that leads there ends in
/// the root's own directory, which is covered after.
/// </summary>
internal static class MountSteps
{
    private const uint FileType = 0x8000;

    public static void Make(StepList to, SandboxSpec spec)
    {
        for (var i = 0; i < spec.Mounts.Count; i++)
            Make(to, spec, spec.Mounts[i], Slots.Bind(i));
    }

    /// <summary>Flags of a mount; those of a bind are set by the one who clones its source.</summary>
    public static MountAttr Flags(MountSpec mount) =>
        (mount.ReadOnly ? MountAttr.RdOnly : 0) | (mount.NoExec ? MountAttr.NoExec : 0)
        | (mount.NoSuid ? MountAttr.NoSuid : 0) | (mount.NoDev ? MountAttr.NoDev : 0);

    private static void Make(StepList to, SandboxSpec spec, MountSpec mount, string slot)
    {
        if (mount.Kind == MountKind.Tmpfs)
        {
            List<(string, string?)> options = [("mode", Convert.ToString(mount.Mode ?? 0x3FF, 8))];
            if (mount.SizeBytes is { } size)
                options.Add(("size", size.ToString(CultureInfo.InvariantCulture)));
            Mounting.MakeLabelled(to, spec.Security, "tmpfs", Flags(mount), slot, [.. options]);
        }

        // The place itself, else the directories that lead there and then it.
        var parts = Mounting.Relative(mount.Target).Split('/');
        var making = MakePlace(mount.Kind == MountKind.Bind ? slot : null, parts);
        to.Add(Mounting.Find(mount.Target, InRoot) with { Passes = [Errno.ENOENT], SkipDone = making.Count });
        foreach (var step in making)
            to.Add(step);
        Mounting.AttachOn(to, slot, Slots.Target);
    }

    internal static List<Step> MakePlace(string? source, string[] parts)
    {
        List<Step> steps = [];
        for (var i = 0; i < parts.Length; i++)
        {
            steps.Add(Mounting.Find(string.Join('/', parts[..i]), DirectoryInRoot) with { Result = "parent" });
            var last = i == parts.Length - 1;
            // A file is bound on a file: whether the source is one is seen when it does not open as a directory.
            if (last && source is not null)
                steps.Add(Step(SystemCall.OpenAt, Slots.Of(source), ".", PathDirectory) with { Result = "source", Passes = [Errno.ENOTDIR], SkipPassed = 1 });
            steps.Add(Step(SystemCall.MkdirAt, Slots.Of("parent"), parts[i], Argument.Octal(0x1ED)) with { Passes = [Errno.EEXIST] });
            if (last && source is not null)
                steps.Add(Step(SystemCall.MknodAt, Slots.Of("parent"), parts[i], Argument.Named("S_IFREG|0644", FileType | 0x1A4), 0) with { Passes = [Errno.EEXIST] });
        }

        steps.Add(Mounting.Find(string.Join('/', parts), InRoot));
        return steps;
    }
}
