using System.Collections.Immutable;
using Provision.Kernel.Launch;
using Provision.Kernel.Terminals;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>From a specification to the program that makes its process. Pure: nothing is opened or looked at.</summary>
public static class SandboxCompiler
{
    // Below that a limit on descriptors would end the setup itself.
    private const ulong EnoughFiles = 1024;

    /// <exception cref="SandboxException">The specification contradicts itself or asks for what cannot be done.</exception>
    /// <param name="terminal">Standard streams are a terminal of its own, whose master is sent over <see cref="Slots.Console"/>.</param>
    public static LaunchProgram Compile(SandboxSpec spec, SandboxHost host, bool terminal = false)
    {
        SandboxCheck.Check(spec);
        return Program(spec, host, terminal);
    }

    /// <summary>As <see cref="Compile"/>, of a specification whose namespaces may still be named by containers: for showing.</summary>
    /// <exception cref="SandboxException">As there.</exception>
    public static LaunchProgram Show(SandboxSpec spec, SandboxHost host, bool terminal = false) =>
        SandboxCheck.Problem(spec) is { } reason ? throw new SandboxException(spec.Name, reason) : Program(spec, host, terminal);

    private static LaunchProgram Program(SandboxSpec spec, SandboxHost host, bool terminal)
    {
        var cgroup = host.IntoCgroup && spec.CgroupDirectories.Any(host.IsUnified) ? Slots.Cgroup : null;
        var into = cgroup is null ? CloneFlags.None : CloneFlags.IntoCgroup;
        var inputs = SandboxInputs.Names(spec, host, terminal);
        if (!Prepares(spec))
            return new(spec.Name, NamespaceSteps.Cloned(spec) | into, inputs, Container(spec, host, terminal)) { Cgroup = cgroup };

        var container = new LaunchProgram(spec.Name, NamespaceSteps.Cloned(spec) | CloneFlags.Parent, inputs, Container(spec, host, terminal));
        return new(spec.Name, CloneFlags.Files | into, inputs, Preparation(spec, host, container)) { Cgroup = cgroup };
    }

    /// <summary>
    /// True when a first child joins what only its children can be born in, a user or pid namespace, and starts the
    /// container as a second.
    /// </summary>
    internal static bool Prepares(SandboxSpec spec) =>
        spec.Namespaces.User.Kind != NamespaceKind.Host || spec.Namespaces.Pid.Kind == NamespaceKind.Path;

    /// <summary>True when the network namespace exists before the process, so that links can be put into it.</summary>
    internal static bool NetIsMadeBefore(SandboxSpec spec) =>
        spec.Namespaces.Net.Kind == NamespaceKind.Private && (spec.Networks.Count > 0 || spec.Namespaces.User.Kind != NamespaceKind.Host);

    /// <summary>
    /// The program of a process that enters a running container: its namespaces, by a pidfd (<see cref="Slots.Init"/>), its
    /// cgroups, limits and profile. Command, environment, user and working directory are those of the specification given.
    /// </summary>
    /// <param name="terminal">It gets a terminal of the container's own as stdio; the master is left open in <see cref="Slots.Master"/>.</param>
    /// <param name="size">Of that terminal.</param>
    /// <param name="kept">How many of the starter's descriptors from 3 on it gets.</param>
    public static LaunchProgram CompileEntry(SandboxSpec spec, SandboxHost host, bool terminal, TerminalSize? size = null, int kept = 0)
    {
        // Whatever names its namespaces have: those of the pidfd are entered.
        if (SandboxCheck.EntryProblem(spec) is { } reason)
            throw new SandboxException(spec.Name, reason);
        var cgroup = host.IntoCgroup && spec.CgroupDirectories.Any(host.IsUnified) ? Slots.Cgroup : null;
        var inputs = SandboxInputs.EntryNames(spec, host, terminal);
        var to = new StepList();
        Prepare(to, spec, host);
        var labels = EntrySteps.HasLabel(spec.Security);
        if (labels)
            to.Add(Step(SystemCall.OpenAt, Argument.Here, "/proc", Constants.PathDirectory) with { Result = Slots.HostProc });
        EntrySteps.Enter(to, spec.Namespaces);
        // Before the terminal is opened: it belongs to whoever opens it.
        if (spec.Namespaces.User.Kind != NamespaceKind.Host)
            CredentialSteps.BecomeRoot(to);
        if (terminal)
            EntrySteps.OpenTerminal(to, size);
        var inner = new LaunchProgram(spec.Name, CloneFlags.Parent, inputs, Entry(spec, terminal, kept));
        to.Add(new Step(SystemCall.Clone3, []) { Child = inner, Result = LaunchProgram.ChildPid });
        if (terminal)
            to.Add(SystemCall.Close, Slots.Of(Slots.Peer));
        if (labels)
            to.Add(SystemCall.Close, Slots.Of(Slots.HostProc));
        return new(spec.Name, CloneFlags.Files | (cgroup is null ? 0 : CloneFlags.IntoCgroup), inputs, to.ToImmutable())
        {
            Cgroup = cgroup,
            Opens = terminal ? [Slots.Master] : [],
        };
    }

    private static ImmutableArray<Step> Entry(SandboxSpec spec, bool terminal, int kept)
    {
        var to = new StepList();
        ExecSteps.Begin(to);
        to.Add(SystemCall.SetSid);
        to.Add(SystemCall.Umask, Argument.Octal(0x12));
        to.Add(Step(SystemCall.OpenAt, Argument.Here, "/", Constants.PathDirectory) with { Result = Slots.Root });
        WorkingDirectory(to, spec);
        EntrySteps.Label(to, spec.Security);
        if (terminal)
            EntrySteps.TakeTerminal(to, spec.User.Uid);
        else
            ExecSteps.Stdio(to);
        Identity(to, spec, kept);
        return to.ToImmutable();
    }

    internal static ImmutableArray<Step> Preparation(SandboxSpec spec, SandboxHost host, LaunchProgram container)
    {
        var to = new StepList();
        Prepare(to, spec, host);
        // Those of others by the rights of the host; then the user namespace, which takes them.
        NamespaceSteps.Join(to, spec, "net", "ipc", "uts", "cgroup", "pid");
        if (spec.Namespaces.User.Kind == NamespaceKind.Private)
            NamespaceSteps.Enter(to, Slots.User, CloneFlags.NewUser);
        NamespaceSteps.Join(to, spec, "user");
        to.Add(new Step(SystemCall.Clone3, []) { Child = container, Result = LaunchProgram.ChildPid });
        return to.ToImmutable();
    }

    // With the rights of the one who launches, and with its descriptor table: what it opens it closes.
    private static void Prepare(StepList to, SandboxSpec spec, SandboxHost host)
    {
        ExecSteps.Begin(to);
        NamespaceSteps.JoinCgroups(to, spec, host);
        ExecSteps.Schedule(to);
        // Before the user namespace, whose users have few keys.
        Keyring(to);
        foreach (var limit in spec.Rlimits)
            if (limit.Resource != RlimitResource.Nofile || limit.Hard >= EnoughFiles)
                CredentialSteps.Limit(to, limit.Resource, limit.Hard, limit.Hard);
        to.Add(Step(SystemCall.OpenAt, Argument.Here, "/proc/self/oom_score_adj", Constants.WriteOnly) with { Result = Slots.Oom });
        ProcSteps.WriteOom(to, spec);
        to.Add(SystemCall.Close, Slots.Of(Slots.Oom));
    }

    private static ImmutableArray<Step> Container(SandboxSpec spec, SandboxHost host, bool terminal)
    {
        var to = new StepList();
        ExecSteps.Begin(to);
        if (!Prepares(spec))
        {
            NamespaceSteps.JoinCgroups(to, spec, host);
            ExecSteps.Schedule(to);
            Keyring(to);
        }

        if (spec.Namespaces.User.Kind != NamespaceKind.Host)
            CredentialSteps.BecomeRoot(to);
        to.Add(SystemCall.SetSid);
        NamespaceSteps.Unshare(to, spec.Namespaces);
        if (NetIsMadeBefore(spec))
            NamespaceSteps.Enter(to, Slots.Net, CloneFlags.NewNet);
        if (!Prepares(spec))
            NamespaceSteps.Join(to, spec, "net", "ipc", "uts", "cgroup");
        NamespaceSteps.Name(to, spec);
        Files(to, spec, host, terminal);
        if (terminal)
            EntrySteps.TakeTerminal(to, spec.User.Uid);
        else
            ExecSteps.Stdio(to);
        if (!Prepares(spec))
            ProcSteps.WriteOom(to, spec);
        Identity(to, spec);
        return to.ToImmutable();
    }

    private static void Files(StepList to, SandboxSpec spec, SandboxHost host, bool terminal)
    {
        to.Add(SystemCall.Umask, 0);
        RootSteps.Make(to, spec);
        ProcSteps.Make(to, spec);
        DeviceSteps.Make(to, spec);
        MountSteps.Make(to, spec);
        ProcSteps.Attach(to, spec, host);
        if (terminal)
            EntrySteps.OpenConsole(to);
        CoverSteps.Make(to, spec);
        RootSteps.Enter(to, spec.Root);
        WorkingDirectory(to, spec);
        to.Add(SystemCall.Umask, Argument.Octal(0x12));
    }

    internal static void Keyring(StepList to) =>
        to.Add(Step(SystemCall.KeyCtl, Argument.Named("KEYCTL_JOIN_SESSION_KEYRING", 1), Argument.Null) with { Passes = [Errno.ENOSYS] });

    // Resolved inside the root and through no magic link: /proc/self/fd/N leads nowhere.
    internal static void WorkingDirectory(StepList to, SandboxSpec spec)
    {
        to.Add(Mounting.Find(spec.WorkingDirectory, Constants.DirectoryInRoot));
        to.Add(SystemCall.Fchdir, Slots.Of(Slots.Target));
    }

    private static void Identity(StepList to, SandboxSpec spec, int kept = 0)
    {
        foreach (var limit in spec.Rlimits)
            CredentialSteps.Limit(to, limit.Resource, limit.Soft, limit.Hard);
        CredentialSteps.Drop(to, spec);
        ExecSteps.Reset(to, kept);
        if (spec.Security.NoNewPrivileges)
            CredentialSteps.Filter(to, spec.Security);
        ExecSteps.Execute(to, spec.Command, spec.Env);
    }
}
