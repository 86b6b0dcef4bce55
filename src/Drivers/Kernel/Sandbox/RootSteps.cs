using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// The new root, attached on a tmpfs that covers the host's: overlayfs' lower directories and the sources of clones must
/// be attached mounts before Linux 6.15, and everything is reached by descriptors and plain names of our own.
/// </summary>
internal static class RootSteps
{
    public static void Make(StepList to, SandboxSpec spec)
    {
        // Nothing that is mounted here may reach the host.
        to.Add(SystemCall.Mount, Argument.Null, "/", Argument.Null, Argument.Named("MS_REC|MS_SLAVE", 0x84000), Argument.Null);
        // Its first directory alone is labelled, and hands the type on: files that are labelled one by one, as those of an
        // overlay's upper layer are, cannot be on a file system with one label for all.
        Mounting.Make(to, "tmpfs", MountAttr.NoSuid | MountAttr.NoExec, Slots.Scaffold,
            spec.Security.SelinuxFileLabel is { } label ? [("mode", "755"), ("rootcontext", label)] : [("mode", "755")]);
        to.Add(SystemCall.MoveMount, Slots.Of(Slots.Scaffold), "", Argument.Here, "/", FromFd);
        Empty(to);
        to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), "root", Argument.Octal(0x1ED));
        if (spec.Root.Overlay)
        {
            Overlay(to, spec);
            Mounting.Attach(to, Slots.Root, Slots.Scaffold, "root");
        }
        else
        {
            Mounting.Attach(to, Slots.Files, Slots.Scaffold, "root");
            to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.Scaffold), "root", PathDirectory) with { Result = Slots.Root });
        }
    }

    /// <summary>After everything is mounted on it.</summary>
    public static void Enter(StepList to, RootSpec root)
    {
        if (root.ReadOnly && root.Overlay)
            to.Add(SystemCall.MountSetAttr, Slots.Of(Slots.Root), "", EmptyPath, SetAttr(MountAttr.RdOnly), AttrSize);
        to.Add(SystemCall.Fchdir, Slots.Of(Slots.Root));
        to.Add(SystemCall.PivotRoot, ".", ".");
        // The old root now lies over the new one, and the scaffold over the old one's: off with each, the upper first.
        to.Add(SystemCall.Umount2, ".", Argument.Named("MNT_DETACH", 2));
        to.Add(SystemCall.Umount2, ".", Argument.Named("MNT_DETACH", 2));
        to.Add(SystemCall.Chdir, "/");
    }

    // An empty read-only directory to cover others with; attached, so that it can be cloned.
    private static void Empty(StepList to)
    {
        to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), "empty", Argument.Octal(0x1ED));
        to.Add(Step(SystemCall.OpenTree, Slots.Of(Slots.Scaffold), "empty", CloneNamed) with { Result = Slots.Empty });
        to.Add(SystemCall.MountSetAttr, Slots.Of(Slots.Empty), "", EmptyPath,
            SetAttr(MountAttr.RdOnly | MountAttr.NoSuid | MountAttr.NoDev | MountAttr.NoExec), AttrSize);
        Mounting.Attach(to, Slots.Empty, Slots.Scaffold, "empty");
    }

    private static void Overlay(StepList to, SandboxSpec spec)
    {
        var root = spec.Root;
        to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), "lower", Argument.Octal(0x1ED));
        Mounting.Attach(to, Slots.Files, Slots.Scaffold, "lower");
        string upper = "upper", work = "work";
        if (root.Upper is null)
        {
            to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), upper, Argument.Octal(0x1ED));
            to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), work, Argument.Octal(0x1ED));
        }
        else
        {
            // One clone of the directory that holds both: overlayfs wants them on the same mount.
            to.Add(SystemCall.MkdirAt, Slots.Of(Slots.Scaffold), "layer", Argument.Octal(0x1ED));
            Mounting.Attach(to, Slots.Layer, Slots.Scaffold, "layer");
            upper = "layer/" + Path.GetFileName(root.Upper);
            work = "layer/" + Path.GetFileName(root.Work);
        }

        // Names relative to the scaffold: no path of the host is ever parsed by overlayfs.
        to.Add(SystemCall.Fchdir, Slots.Of(Slots.Scaffold));
        if (spec.Security.SelinuxFileLabel is { } label)
            to.Add(SystemCall.SetXattr, upper, "security.selinux", label, System.Text.Encoding.UTF8.GetByteCount(label), 0);
        if (spec.Namespaces.User.Kind == NamespaceKind.Host)
            Mounting.Make(to, "overlay", MountAttr.NoDev, Slots.Root, ("lowerdir", "lower"), ("upperdir", upper), ("workdir", work));
        else
            Mounting.Make(to, "overlay", MountAttr.NoDev, Slots.Root, ("userxattr", null), ("lowerdir", "lower"), ("upperdir", upper), ("workdir", work));
    }
}
