using System.Collections.Immutable;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Runtime;

/// <summary>What the one who launches a bundle opens with the host's rights: the inputs of its program.</summary>
internal static class RuntimeInputs
{
    /// <summary>The slots that a program of this specification has for inputs.</summary>
    public static ImmutableArray<string> Names(RuntimeSpec runtime, SandboxHost host)
    {
        var spec = runtime.Sandbox;
        List<string> names = [LaunchGate.Told, LaunchGate.Go, LaunchGate.Opened];
        names.AddRange(runtime.Terminal
            ? [Slots.Console, Slots.ConsoleLength, Slots.ConsoleKind, Slots.ConsoleFile, Slots.Files]
            : [LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr, Slots.Files]);
        foreach (var (mount, slot) in RuntimeMounts.Ordered(runtime))
            if (mount.Type == RuntimeMount.Bind || RuntimeMounts.BindsSys(runtime, mount))
                names.Add(slot);
            else if (mount.Type == RuntimeMount.Cgroup)
                names.AddRange(spec.CgroupDirectories.Select((_, i) => RuntimeMounts.CgroupSlot(slot, i)));
        names.AddRange(HostDevices(runtime).Select(static d => Slots.Device(d.Path)));
        names.AddRange(SandboxInputs.NamespaceNames(spec));
        names.AddRange(SandboxInputs.CgroupNames(spec, host));
        return [.. names];
    }

    /// <summary>Opens them all but those of the gate and the console.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">One cannot be opened; none stays open.</exception>
    public static LaunchInputs Open(RuntimeSpec runtime, SandboxHost host, LaunchStdio stdio, SandboxNamespaces made)
    {
        var spec = runtime.Sandbox;
        var inputs = new LaunchInputs(stdio);
        try
        {
            if (made.User is { } user)
                inputs[Slots.User] = user.DangerousGetHandle();
            if (made.Net is { } net)
                inputs[Slots.Net] = net.DangerousGetHandle();
            foreach (var (name, _, of) in NamespaceSteps.Kinds)
                if (of(spec.Namespaces).Path is { } path)
                    inputs.Own(Slots.Namespace(name), NamespaceFile.Open(path));
            inputs.Own(Slots.Files, Root(runtime));
            foreach (var mount in runtime.Mounts.Where(static m => m.CopiesUp))
                RequireEmpty(spec.Root.Directory!, mount.Target);
            foreach (var (mount, slot) in RuntimeMounts.Ordered(runtime))
                Open(inputs, runtime, mount, slot, host);
            foreach (var device in HostDevices(runtime))
                inputs.Own(Slots.Device(device.Path), MountCalls.CloneDevice(device));
            SandboxInputs.OpenCgroups(inputs, spec, host);
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private static void Open(LaunchInputs inputs, RuntimeSpec runtime, RuntimeMount mount, string slot, SandboxHost host)
    {
        if (mount.Type == RuntimeMount.Bind)
            inputs.Own(slot, Bind(mount));
        else if (RuntimeMounts.BindsSys(runtime, mount))
            inputs.Own(slot, MountCalls.CloneTree("/sys", recursive: true, MountCalls.RdOnly));
        if (mount.Type != RuntimeMount.Cgroup)
            return;
        // Its own directories and nothing above them, whatever its cgroup namespace shows.
        var directories = runtime.Sandbox.CgroupDirectories;
        for (var i = 0; i < directories.Count; i++)
            inputs.Own(RuntimeMounts.CgroupSlot(slot, i), MountCalls.CloneTree(
                host.OpenCgroup(directories[i], "", Libc.O_PATH | Libc.O_DIRECTORY), directories[i], recursive: false, (ulong)mount.Set));
    }

    private static Fd Root(RuntimeSpec runtime)
    {
        var path = runtime.Sandbox.Root.Directory!;
        var propagation = runtime.RootPropagation == MountPropagation.Slave ? MountPropagation.Slave : MountPropagation.Private;
        return MountCalls.CloneTree(Place(path), path, recursive: true, default, new MountChange(0, 0, (ulong)propagation));
    }

    private static Fd Bind(RuntimeMount mount)
    {
        // Nothing travels between the host and a container unless that was asked for.
        var propagation = mount.Propagation == MountPropagation.Unchanged ? MountPropagation.Private : mount.Propagation;
        var below = mount.PropagationBelow || mount.Propagation == MountPropagation.Unchanged;
        return MountCalls.CloneTree(
            Place(mount.Source!), mount.Source!, mount.Recursive,
            Change(mount.Set, mount.Clear, below ? MountPropagation.Unchanged : propagation),
            Change(mount.SetBelow, mount.ClearBelow, below ? propagation : MountPropagation.Private));
    }

    private static MountChange Change(MountAttr set, MountAttr clear, MountPropagation propagation)
    {
        // The three ways of noting access are one field.
        const MountAttr times = MountAttr.NoAtime | MountAttr.StrictAtime;
        const ulong field = 0x70;
        var timed = ((set | clear) & times) != 0;
        return new MountChange((ulong)set, ((ulong)(clear & ~times)) | (timed ? field : 0), (ulong)propagation);
    }

    // Nothing to copy is nothing left out. Links are resolved inside the root, as they are when it is mounted.
    private static unsafe void RequireEmpty(string root, string target)
    {
        const long openAt2 = 437;
        using var top = Place(root);
        var how = new Libc.OpenHow { Flags = (ulong)(Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), Resolve = 0x10 | 0x02 }; // IN_ROOT, NO_MAGICLINKS
        var number = Libc.openat2(openAt2, top.Number, target, &how, sizeof(Libc.OpenHow));
        if (number < 0)
            return;
        using var place = new Fd((int)number);
        if (Directory.EnumerateFileSystemEntries(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{place.Number}")).Any())
            throw Sys.Failure("mount", target, Errno.EOPNOTSUPP, "tmpcopyup", "what lies there is not copied into a mount; leave out tmpcopyup (podman: --tmpfs PATH:notmpcopyup)");
    }

    private static Fd Place(string path)
    {
        var (place, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_PATH);
        return place ?? throw Sys.Failure("open", path, errno);
    }

    private static IEnumerable<DeviceSpec> HostDevices(RuntimeSpec runtime) =>
        runtime.Sandbox.Namespaces.User.Kind == NamespaceKind.Host ? []
        : RuntimeMounts.OwnsDev(runtime) ? RuntimeDevices.All(runtime)
        : [DeviceSteps.Default[0]];
}
