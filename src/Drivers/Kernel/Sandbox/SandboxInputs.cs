using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Provision.Kernel.Launch;

namespace Provision.Kernel.Sandbox;

/// <summary>What the one who launches opens with the host's rights: the inputs of a program.</summary>
internal static class SandboxInputs
{
    /// <summary>The slots that a program of this specification has for inputs.</summary>
    public static ImmutableArray<string> Names(SandboxSpec spec, SandboxHost host, bool terminal)
    {
        List<string> names = terminal
            ? [Slots.Console, Slots.ConsoleLength, Slots.ConsoleKind, Slots.ConsoleFile, Slots.Files]
            : [LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr, Slots.Files];
        if (spec.Root.Upper is not null)
            names.Add(Slots.Layer);
        if (ProcSteps.BindsSys(spec))
            names.Add(Slots.HostSys);
        for (var i = 0; i < spec.Mounts.Count; i++)
            if (spec.Mounts[i].Kind == MountKind.Bind)
                names.Add(Slots.Bind(i));
        names.AddRange(HostDevices(spec).Select(static d => Slots.Device(d.Path)));
        names.AddRange(NamespaceNames(spec));
        names.AddRange(CgroupNames(spec, host));
        return [.. names];
    }

    /// <summary>The slots of namespaces that are given by a path, or made before the program runs.</summary>
    internal static IEnumerable<string> NamespaceNames(SandboxSpec spec)
    {
        foreach (var kind in NamespaceSteps.Kinds.Where(k => k.Of(spec.Namespaces).Kind == NamespaceKind.Path))
            yield return Slots.Namespace(kind.Name);
        if (spec.Namespaces.User.Kind == NamespaceKind.Private)
            yield return Slots.User;
        if (SandboxCompiler.NetIsMadeBefore(spec))
            yield return Slots.Net;
    }

    /// <summary>The slots that a program which enters such a container has for inputs.</summary>
    public static ImmutableArray<string> EntryNames(SandboxSpec spec, SandboxHost host, bool terminal) =>
        [Slots.Init, .. terminal ? (string[])[] : [LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr], .. CgroupNames(spec, host)];

    /// <summary>Opens them all; those of namespaces made before are <paramref name="made"/>'s.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">One cannot be opened; none stays open.</exception>
    public static LaunchInputs Open(SandboxSpec spec, SandboxHost host, LaunchStdio stdio, SandboxNamespaces? made)
    {
        var inputs = new LaunchInputs(stdio);
        try
        {
            if (made?.User is { } user)
                inputs[Slots.User] = user.DangerousGetHandle();
            if (made?.Net is { } net)
                inputs[Slots.Net] = net.DangerousGetHandle();
            var owner = made?.User;
            foreach (var (name, flag, of) in NamespaceSteps.Kinds)
                if (of(spec.Namespaces).Path is { } path)
                {
                    var opened = NamespaceFile.Open(path);
                    inputs.Own(Slots.Namespace(name), opened);
                    owner = flag == CloneFlags.NewUser ? opened : owner;
                }

            OpenMounts(inputs, spec, owner);
            foreach (var device in HostDevices(spec))
                inputs.Own(Slots.Device(device.Path), MountCalls.CloneDevice(device));
            OpenCgroups(inputs, spec, host);
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>Opens those of a program that enters the container whose first process this is.</summary>
    /// <param name="stdio">Null with a terminal.</param>
    /// <exception cref="Provision.Reconciler.KernelException">A cgroup cannot be opened.</exception>
    public static LaunchInputs OpenEntry(SandboxSpec spec, SandboxHost host, LaunchStdio? stdio, SafeHandle init)
    {
        var inputs = stdio is null ? new LaunchInputs() : new LaunchInputs(stdio);
        try
        {
            inputs[Slots.Init] = init.DangerousGetHandle();
            OpenCgroups(inputs, spec, host);
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    internal static IEnumerable<string> CgroupNames(SandboxSpec spec, SandboxHost host) =>
        spec.CgroupDirectories.Select((directory, i) => IsBorn(directory, host) ? Slots.Cgroup : Slots.Join(i));

    private static void OpenMounts(LaunchInputs inputs, SandboxSpec spec, SafeHandle? owner)
    {
        var root = spec.Root;
        var flags = MountCalls.NoDev | (root.ReadOnly && !root.Overlay ? MountCalls.RdOnly : 0);
        // The host's own files keep their owners, so that a mapped root cannot read those of the host's. Its mounts stay
        // out: /proc, /run and what else lies there is not for sharing.
        inputs.Own(Slots.Files, root.Kind == RootKind.Host
            ? MountCalls.CloneTree("/", recursive: false, flags)
            : MountCalls.CloneTree(HostPlaces.OpenRoot(root), root.Directory!, recursive: !root.Overlay, flags, owner));
        if (root.Upper is not null)
            inputs.Own(Slots.Layer, MountCalls.CloneTree(Path.GetDirectoryName(root.Upper)!, recursive: false, MountCalls.NoDev, owner));
        if (ProcSteps.BindsSys(spec))
            inputs.Own(Slots.HostSys, MountCalls.CloneTree("/sys", recursive: true, MountCalls.RdOnly));
        for (var i = 0; i < spec.Mounts.Count; i++)
            if (spec.Mounts[i] is { Kind: MountKind.Bind } bind)
                inputs.Own(Slots.Bind(i), MountCalls.CloneTree(HostPlaces.OpenSource(bind), bind.Source!, recursive: true, (ulong)MountSteps.Flags(bind)));
    }

    internal static void OpenCgroups(LaunchInputs inputs, SandboxSpec spec, SandboxHost host)
    {
        for (var i = 0; i < spec.CgroupDirectories.Count; i++)
        {
            var directory = spec.CgroupDirectories[i];
            if (IsBorn(directory, host))
                inputs.Own(Slots.Cgroup, host.OpenCgroup(directory, "", Libc.O_PATH | Libc.O_DIRECTORY));
            else
                // v1's tasks moves one thread without waiting for the others of its process, of which there are none.
                inputs.Own(Slots.Join(i), host.OpenCgroup(directory, host.IsUnified(directory) ? "/cgroup.procs" : "/tasks", Libc.O_WRONLY));
        }
    }

    private static bool IsBorn(string directory, SandboxHost host) => host.IntoCgroup && host.IsUnified(directory);

    private static IEnumerable<DeviceSpec> HostDevices(SandboxSpec spec) =>
        spec.Namespaces.User.Kind == NamespaceKind.Host ? [] : DeviceSteps.Default.Concat(spec.Devices);
}
