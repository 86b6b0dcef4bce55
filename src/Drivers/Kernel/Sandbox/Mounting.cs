using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>Steps that several parts share: making file systems, finding places inside the root, putting mounts there.</summary>
internal static class Mounting
{
    // openat2 says EAGAIN when a rename elsewhere may have disturbed the walk.
    private const int Tries = 1000;

    /// <summary>A new file system whose every file has the container's label where there is one, not yet attached.</summary>
    public static void MakeLabelled(StepList to, SecuritySpec security, string type, MountAttr attr, string result, params ReadOnlySpan<(string Key, string? Value)> options) =>
        Make(to, type, attr, result, security.SelinuxFileLabel is { } label ? [.. options, ("context", label)] : options);

    /// <summary>A new file system, not yet attached.</summary>
    /// <param name="options">Key and value; a null value is a flag.</param>
    public static void Make(StepList to, string type, MountAttr attr, string result, params ReadOnlySpan<(string Key, string? Value)> options)
    {
        to.Add(Step(SystemCall.FsOpen, type, Argument.Named("FSOPEN_CLOEXEC", 1)) with { Result = "fs" });
        foreach (var (key, value) in options)
            to.Add(SystemCall.FsConfig, Slots.Of("fs"),
                value is null ? Argument.Named("FSCONFIG_SET_FLAG", 0) : Argument.Named("FSCONFIG_SET_STRING", 1),
                key, value is null ? Argument.Null : value, 0);
        to.Add(SystemCall.FsConfig, Slots.Of("fs"), Argument.Named("FSCONFIG_CMD_CREATE", 6), Argument.Null, Argument.Null, 0);
        to.Add(Step(SystemCall.FsMount, Slots.Of("fs"), Argument.Named("FSMOUNT_CLOEXEC", 1), Attr(attr)) with { Result = result });
    }

    /// <summary>Attaches a mount at a name below a directory that only the program has.</summary>
    public static void Attach(StepList to, string mount, string directory, string name) =>
        to.Add(SystemCall.MoveMount, Slots.Of(mount), "", Slots.Of(directory), name, FromFd);

    /// <summary>Attaches a device's mount at a name in a directory that only the program has.</summary>
    public static void Node(StepList to, string mount, string directory, string name)
    {
        to.Add(SystemCall.MknodAt, Slots.Of(directory), name, Argument.Named("S_IFREG|0666", 0x81B6), 0);
        Attach(to, mount, directory, name);
    }

    /// <summary>Attaches a mount on an open place.</summary>
    public static void AttachOn(StepList to, string mount, string target) =>
        to.Add(SystemCall.MoveMount, Slots.Of(mount), "", Slots.Of(target), "", FromFdToFd);

    /// <summary>Attaches at a directory right below the root, which is made when it is missing and refused when it is a link.</summary>
    public static void AttachTop(StepList to, string mount, string name)
    {
        Directory(to, Slots.Root, name);
        to.Add(Find(name, PlainDirectoryInRoot));
        AttachOn(to, mount, Slots.Target);
    }

    /// <summary>mkdirat; one that is there is as good.</summary>
    public static void Directory(StepList to, string at, string name) =>
        to.Add(Step(SystemCall.MkdirAt, Slots.Of(at), name, Argument.Octal(0x1ED)) with { Passes = [Errno.EEXIST] });

    /// <summary>Opens a place inside the root, whatever links lie on the way; fills <see cref="Slots.Target"/>.</summary>
    public static Step Find(string path, Argument how) =>
        Step(SystemCall.OpenAt2, Slots.Of(Slots.Root), Relative(path), how, HowSize) with { Result = Slots.Target, Tries = Tries };

    /// <summary>Absolute inside becomes relative to the root's descriptor.</summary>
    public static string Relative(string path) => path.Trim('/') is { Length: > 0 } relative ? relative : ".";
}
