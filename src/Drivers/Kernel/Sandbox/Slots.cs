using System.Globalization;
using Provision.Kernel.Launch;

namespace Provision.Kernel.Sandbox;

/// <summary>Names of a program's inputs and of the slots that several parts of it share.</summary>
internal static class Slots
{
    /// <summary>The directory of the v2 cgroup.</summary>
    public const string Cgroup = "cgroup";

    /// <summary>A detached clone of the root's files.</summary>
    public const string Files = "files";

    /// <summary>A detached clone of the directory that holds overlayfs' upper and work.</summary>
    public const string Layer = "layer";

    /// <summary>A detached read-only clone of the host's /sys.</summary>
    public const string HostSys = "host-sys";

    /// <summary>The host's /proc, for what a process in other namespaces still has to write of itself.</summary>
    public const string HostProc = "host-proc";

    public const string User = "user", Net = "net";

    /// <summary>A pidfd of the first process of the container that is entered.</summary>
    public const string Init = "init";

    /// <summary>Both ends of a terminal that the program opens in the container.</summary>
    public const string Master = "master", Peer = "peer";

    /// <summary>The socket that the terminal's master is sent over, and the three slots of the message (<see cref="Argument.Rights"/>).</summary>
    public const string Console = "console", ConsoleLength = "console-length", ConsoleKind = "console-kind", ConsoleFile = "console-file";

    /// <summary>Made by the program: a tmpfs that holds what is mounted until the pivot.</summary>
    public const string Scaffold = "scaffold";

    public const string Root = "root", Dev = "dev", Proc = "proc", Null = "null", Empty = "empty", Target = "target", Oom = "oom";

    /// <summary>An open file of a v1 (or v2) cgroup to which "0" is written.</summary>
    public static string Join(int index) => "join" + Text(index);

    public static string Bind(int index) => "bind" + Text(index);

    /// <summary>A clone of a device node: <c>dev-net-tun</c>.</summary>
    public static string Device(string path) => path.TrimStart('/').Replace('/', '-');

    /// <summary>A namespace that a path names: <c>ns-net</c>.</summary>
    public static string Namespace(string kind) => "ns-" + kind;

    public static Argument Of(string name) => Argument.Slot(name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
