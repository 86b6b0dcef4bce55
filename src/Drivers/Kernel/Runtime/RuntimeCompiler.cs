using System.Collections.Immutable;
using System.Text;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Runtime;

/// <summary>From a bundle's specification to the program that makes its process and waits at the gate. Pure.</summary>
public static class RuntimeCompiler
{
    /// <param name="halts">It stops before anything is mounted, for hooks.</param>
    /// <param name="streams">Standard streams that the user is to own: pipes and sockets, whose owner a device's never changes.</param>
    /// <exception cref="SandboxException">The specification contradicts itself or asks for what cannot be done.</exception>
    public static LaunchProgram Compile(RuntimeSpec spec, SandboxHost host, bool halts = false, IReadOnlyList<int>? streams = null)
    {
        RuntimeCheck.Check(spec);
        var sandbox = spec.Sandbox;
        var cgroup = host.IntoCgroup && sandbox.CgroupDirectories.Any(host.IsUnified) ? Slots.Cgroup : null;
        var into = cgroup is null ? CloneFlags.None : CloneFlags.IntoCgroup;
        var inputs = RuntimeInputs.Names(spec, host);
        var prepares = SandboxCompiler.Prepares(sandbox);
        var container = new LaunchProgram(sandbox.Name, NamespaceSteps.Cloned(sandbox) | (prepares ? CloneFlags.Parent : into), inputs, Container(spec, host, halts, streams ?? []))
        {
            Waits = true,
            Cgroup = prepares ? null : cgroup,
        };
        return prepares
            ? new(sandbox.Name, CloneFlags.Files | into, inputs, SandboxCompiler.Preparation(sandbox, host, container)) { Cgroup = cgroup }
            : container;
    }

    private static ImmutableArray<Step> Container(RuntimeSpec runtime, SandboxHost host, bool halts, IReadOnlyList<int> streams)
    {
        var to = new StepList();
        var spec = runtime.Sandbox;
        var prepares = SandboxCompiler.Prepares(spec);
        ExecSteps.Begin(to);
        if (!prepares)
        {
            NamespaceSteps.JoinCgroups(to, spec, host);
            if (!runtime.KeepsKeyring)
                SandboxCompiler.Keyring(to);
        }

        if (spec.Namespaces.User.Kind != NamespaceKind.Host)
            CredentialSteps.BecomeRoot(to);
        to.Add(SystemCall.SetSid);
        NamespaceSteps.Unshare(to, spec.Namespaces);
        if (SandboxCompiler.NetIsMadeBefore(spec))
            NamespaceSteps.Enter(to, Slots.Net, CloneFlags.NewNet);
        if (!prepares)
            NamespaceSteps.Join(to, spec, "net", "ipc", "uts", "cgroup");
        NamespaceSteps.Name(to, spec);
        if (runtime.Domainname is { } domain)
            to.Add(SystemCall.SetDomainname, domain, Encoding.UTF8.GetByteCount(domain));
        if (halts)
            LaunchGate.Halt(to);
        Files(to, runtime, host);
        Streams(to, runtime, streams);
        if (!prepares && spec.OomScoreAdj is not null)
            ProcSteps.WriteOom(to, spec);
        ExecSteps.Find(to, spec.Command, spec.Env);
        Identity(to, runtime);
        return to.ToImmutable();
    }

    private static void Files(StepList to, RuntimeSpec runtime, SandboxHost host)
    {
        var spec = runtime.Sandbox;
        to.Add(SystemCall.Umask, 0);
        RootSteps.Make(to, spec);
        ProcSteps.Make(to, spec);
        RuntimeDevices.Null(to, spec);
        RuntimeMounts.Make(to, runtime, host, last: false);
        RuntimeDevices.Make(to, runtime);
        if (runtime.Terminal)
            RuntimeDevices.Console(to, runtime);
        RuntimeMounts.Make(to, runtime, host, last: true);
        CoverSteps.Make(to, spec);
        if (spec.Root.ReadOnly)
            to.Add(SystemCall.MountSetAttr, Slots.Of(Slots.Root), "", Constants.EmptyPath, Constants.SetAttr(MountAttr.RdOnly), Constants.AttrSize);
        RootSteps.Enter(to, spec.Root);
        if (runtime.RootPropagation is MountPropagation.Shared or MountPropagation.Unbindable)
            to.Add(SystemCall.MountSetAttr, Slots.Of(Slots.Root), "", Constants.EmptyPath, RuntimeMounts.Propagate(runtime.RootPropagation), Constants.AttrSize);
        SandboxCompiler.WorkingDirectory(to, spec);
        to.Add(SystemCall.Umask, Argument.Octal(runtime.Umask));
    }

    private static void Streams(StepList to, RuntimeSpec runtime, IReadOnlyList<int> owned)
    {
        var user = runtime.Sandbox.User;
        if (runtime.Terminal)
        {
            EntrySteps.TakeTerminal(to, user.Uid);
            return;
        }

        ExecSteps.Stdio(to);
        // Whoever may not say who owns them leaves them as they are: a user namespace without the id, a file of another's.
        foreach (var stream in owned)
            to.Add(Step(SystemCall.Fchown, stream, user.Uid, Argument.Named("-1", uint.MaxValue)) with { Passes = [Errno.EPERM, Errno.EINVAL] });
    }

    // At the gate all is given up that will be: whoever gets at the waiting process gains nothing.
    private static void Identity(StepList to, RuntimeSpec runtime)
    {
        var spec = runtime.Sandbox;
        foreach (var limit in spec.Rlimits)
            CredentialSteps.Limit(to, limit.Resource, limit.Soft, limit.Hard);
        CredentialSteps.Drop(to, spec);
        ExecSteps.Orphan(to);
        LaunchGate.Wait(to, runtime.KeptFiles);
        ExecSteps.Reset(to, runtime.KeptFiles);
        if (spec.Security.NoNewPrivileges)
            CredentialSteps.Filter(to, spec.Security);
        ExecSteps.Execute(to, spec.Command, spec.Env);
    }
}
