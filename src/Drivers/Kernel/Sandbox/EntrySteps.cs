using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Provision.Kernel.Launch;
using Provision.Kernel.Terminals;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>Entering a running container.</summary>
internal static class EntrySteps
{
    private const long TioCsPtLck = 0x40045431, TioCgPtPeer = 0x5441, TioCsCtty = 0x540E, TioCsWinSz = 0x5414;
    private const long ReadWriteNoTty = 0x80102;

    /// <summary>
    /// All of the container's namespaces in one call, by the pidfd of its first process: a process that has ended is ESRCH,
    /// never another one. The time namespace stays: the kernel refuses it to a process that shares memory (EUSERS).
    /// </summary>
    public static void Enter(StepList to, NamespaceSet set)
    {
        var flags = NamespaceSteps.Kinds.Where(k => k.Of(set).Kind != NamespaceKind.Host).Aggregate(CloneFlags.NewNs, static (all, k) => all | k.Flag);
        NamespaceSteps.Enter(to, Slots.Init, flags);
    }

    /// <summary>
    /// What exec transitions to, as the container's first process had it. Through the host's /proc: the container's may be
    /// covered, and only the thread that executes can say it.
    /// </summary>
    public static void Label(StepList to, SecuritySpec security)
    {
        if (security.SelinuxLabel is { } label)
            Write(to, "thread-self/attr/exec", label);
        if (security.AppArmorProfile is { } profile)
            Write(to, "thread-self/attr/apparmor/exec", "exec " + profile);
    }

    public static bool HasLabel(SecuritySpec security) => security.SelinuxLabel is not null || security.AppArmorProfile is not null;

    private static void Write(StepList to, string file, string value)
    {
        to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.HostProc), file, Constants.WriteOnly) with { Result = "file" });
        to.Add(SystemCall.Write, Slots.Of("file"), value, Encoding.UTF8.GetByteCount(value));
    }

    /// <summary>A pair of the container's own devpts; the peer by its master, never by a path.</summary>
    /// <param name="size">Set before a program can ask; null: 0 by 0, not known.</param>
    public static void OpenTerminal(StepList to, TerminalSize? size)
    {
        var mode = Argument.Named("O_RDWR|O_NOCTTY|O_CLOEXEC", ReadWriteNoTty);
        to.Add(Step(SystemCall.OpenAt, Argument.Here, "/dev/pts/ptmx", mode) with { Result = Slots.Master });
        to.Add(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCSPTLCK", TioCsPtLck), Argument.Structure(new byte[4], "{0}"));
        to.Add(Step(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCGPTPEER", TioCgPtPeer), mode) with { Result = Slots.Peer });
        if (size is { } known)
            to.Add(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCSWINSZ", TioCsWinSz), Size(known));
    }

    /// <summary>
    /// The terminal of a container's first process: a pair of its devpts, by the mount itself; the master goes to whoever
    /// launches, over <see cref="Slots.Console"/>, and the peer is /dev/console as well.
    /// </summary>
    /// <param name="blocking">The master's reader expects it to block.</param>
    /// <param name="size">Set before a program can ask; null: 0 by 0, not known.</param>
    /// <param name="node">/dev is the container's own and has a console.</param>
    public static void OpenConsole(StepList to, bool blocking = false, TerminalSize? size = null, bool node = true)
    {
        to.Add(Step(SystemCall.OpenAt, Slots.Of("pts"), "ptmx", blocking
            ? Argument.Named("O_RDWR|O_NOCTTY|O_CLOEXEC", ReadWriteNoTty)
            : Argument.Named("O_RDWR|O_NOCTTY|O_NONBLOCK|O_CLOEXEC", ReadWriteNoTty | 0x800)) with
        { Result = Slots.Master });
        to.Add(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCSPTLCK", TioCsPtLck), Argument.Structure(new byte[4], "{0}"));
        to.Add(Step(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCGPTPEER", TioCgPtPeer), Argument.Named("O_RDWR|O_NOCTTY|O_CLOEXEC", ReadWriteNoTty)) with { Result = Slots.Peer });
        if (size is { } known)
            to.Add(SystemCall.Ioctl, Slots.Of(Slots.Master), Argument.Named("TIOCSWINSZ", TioCsWinSz), Size(known));
        if (node)
        {
            to.Add(SystemCall.MknodAt, Slots.Of(Slots.Dev), "console", Argument.Named("S_IFREG|0600", 0x8180), 0);
            to.Add(Step(SystemCall.OpenTree, Slots.Of(Slots.Peer), "", Constants.Clone) with { Result = "cover" });
            Mounting.Attach(to, "cover", Slots.Dev, "console");
        }

        to.Add(Step(SystemCall.Fcntl, Slots.Of(Slots.Master), Argument.Named("F_DUPFD_CLOEXEC", 1030), 3) with { Result = Slots.ConsoleFile });
        to.Add(SystemCall.SendMsg, Slots.Of(Slots.Console), Argument.Rights(Slots.ConsoleLength), 0);
    }

    /// <summary>The peer as stdio and as the session's terminal, owned by the user.</summary>
    public static void TakeTerminal(StepList to, uint uid)
    {
        ExecSteps.Stdio(to, Slots.Peer, Slots.Peer, Slots.Peer);
        to.Add(SystemCall.Fchown, 0, uid, Argument.Named("-1", uint.MaxValue));
        to.Add(SystemCall.Ioctl, 0, Argument.Named("TIOCSCTTY", TioCsCtty), 0);
    }

    // struct winsize: rows, columns, and pixels that nobody knows.
    private static Argument Size(TerminalSize size)
    {
        var content = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(content, size.Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(2), size.Columns);
        return Argument.Structure(content, string.Create(CultureInfo.InvariantCulture, $"{{{size.Rows} rows, {size.Columns} columns}}"));
    }
}
