using System.Buffers.Binary;
using System.Text;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>Cgroups, then namespaces that are joined or made by the process itself, then what belongs to them.</summary>
internal static class NamespaceSteps
{
    private const long NewTime = 0x80;

    /// <summary>With CLONE_*, for setns(2) and the names of slots and files.</summary>
    public static readonly (string Name, CloneFlags Flag, Func<NamespaceSet, NamespaceChoice> Of)[] Kinds =
    [
        ("user", CloneFlags.NewUser, static n => n.User), ("net", CloneFlags.NewNet, static n => n.Net),
        ("ipc", CloneFlags.NewIpc, static n => n.Ipc), ("uts", CloneFlags.NewUts, static n => n.Uts),
        ("cgroup", CloneFlags.NewCgroup, static n => n.Cgroup), ("pid", CloneFlags.NewPid, static n => n.Pid),
    ];

    /// <summary>Writes "0" where the process is to be, by files that are open already.</summary>
    public static void JoinCgroups(StepList to, SandboxSpec spec, SandboxHost host)
    {
        for (var i = 0; i < spec.CgroupDirectories.Count; i++)
            if (!(host.IntoCgroup && host.IsUnified(spec.CgroupDirectories[i])))
                to.Add(SystemCall.Write, Slots.Of(Slots.Join(i)), "0", 1);
    }

    /// <summary>Those that the specification's paths name.</summary>
    public static void Join(StepList to, SandboxSpec spec, params ReadOnlySpan<string> names)
    {
        foreach (var (name, flag, of) in Kinds)
            if (names.Contains(name) && of(spec.Namespaces).Kind == NamespaceKind.Path)
                Enter(to, Slots.Namespace(name), flag);
    }

    public static void Enter(StepList to, string slot, CloneFlags flag) =>
        to.Add(SystemCall.SetNs, Slots.Of(slot), Argument.Named(CloneFlagsText.Of(flag), (long)flag));

    /// <summary>Private ones that clone3 makes.</summary>
    public static CloneFlags Cloned(SandboxSpec spec)
    {
        var set = spec.Namespaces;
        return CloneFlags.NewNs
            | (set.Pid.Kind == NamespaceKind.Private ? CloneFlags.NewPid : 0)
            | (set.Ipc.Kind == NamespaceKind.Private ? CloneFlags.NewIpc : 0)
            | (set.Uts.Kind == NamespaceKind.Private ? CloneFlags.NewUts : 0)
            | (set.Net.Kind == NamespaceKind.Private && !SandboxCompiler.NetIsMadeBefore(spec) ? CloneFlags.NewNet : 0);
    }

    /// <summary>
    /// A cgroup namespace is rooted where its maker is: it is made by the process in its place. A time namespace is made
    /// for the program that is executed.
    /// </summary>
    public static void Unshare(StepList to, NamespaceSet set)
    {
        if (set.Cgroup.Kind == NamespaceKind.Private)
            to.Add(SystemCall.Unshare, Argument.Named("CLONE_NEWCGROUP", (long)CloneFlags.NewCgroup));
        if (set.Time.Kind == NamespaceKind.Private)
            to.Add(SystemCall.Unshare, Argument.Named("CLONE_NEWTIME", NewTime));
    }

    public static void Name(StepList to, SandboxSpec spec)
    {
        if (spec.Hostname is { } name)
            to.Add(SystemCall.SetHostname, name, Encoding.UTF8.GetByteCount(name));
        if (spec.Namespaces.Net.Kind == NamespaceKind.Private)
            LoopbackUp(to);
    }

    // struct ifreq: a name, then at offset 16 the flags IFF_UP|IFF_RUNNING.
    private static void LoopbackUp(StepList to)
    {
        var request = new byte[40];
        "lo"u8.CopyTo(request);
        BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(16), 0x41);
        to.Add(Step(SystemCall.Socket, Argument.Named("AF_INET", 2), Argument.Named("SOCK_DGRAM|SOCK_CLOEXEC", 0x80002), 0) with { Result = "socket" });
        to.Add(SystemCall.Ioctl, Slots.Of("socket"), Argument.Named("SIOCSIFFLAGS", 0x8914), Argument.Structure(request, "{lo, IFF_UP|IFF_RUNNING}"));
    }
}
