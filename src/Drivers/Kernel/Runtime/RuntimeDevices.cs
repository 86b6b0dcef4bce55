using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Runtime;

/// <summary>Nodes and links in /dev, and the terminal of the first process.</summary>
internal static class RuntimeDevices
{
    private static readonly (string Target, string Name)[] Links =
        [("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"), ("/proc/self/fd/2", "stderr")];

    /// <summary>All that are made, those that every container has among them.</summary>
    public static IEnumerable<DeviceSpec> All(RuntimeSpec spec) =>
        DeviceSteps.Default.Where(d => spec.Devices.All(other => other.Path != d.Path)).Concat(spec.Devices);

    /// <summary>What files are masked with: a node of nobody's but the program's, or a clone of the host's.</summary>
    public static void Null(StepList to, SandboxSpec spec)
    {
        var device = DeviceSteps.Default[0];
        if (spec.Namespaces.User.Kind == NamespaceKind.Host)
            DeviceSteps.Make(to, device, Slots.Scaffold, "null");
        else
            Mounting.Node(to, Slots.Device(device.Path), Slots.Scaffold, "null");
        // In an attached mount: before Linux 6.15 no other is cloned.
        to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.Scaffold), "null", PathOnly) with { Result = Slots.Null });
    }

    /// <summary>After the mounts: /dev is one of them, and no link.</summary>
    public static void Make(StepList to, RuntimeSpec spec)
    {
        to.Add(Mounting.Find("dev", PlainDirectoryInRoot) with { Result = Slots.Dev });
        if (!RuntimeMounts.OwnsDev(spec))
            return;
        var own = spec.Sandbox.Namespaces.User.Kind == NamespaceKind.Host;
        foreach (var device in All(spec))
        {
            var path = device.Path["/dev/".Length..];
            for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
                Mounting.Directory(to, Slots.Dev, path[..slash]);
            if (own)
                DeviceSteps.Make(to, device, Slots.Dev, path);
            else
                Mounting.Node(to, Slots.Device(device.Path), Slots.Dev, path);
        }

        foreach (var (target, name) in Links)
            to.Add(Step(SystemCall.SymlinkAt, target, Slots.Of(Slots.Dev), name) with { Passes = [Errno.EEXIST] });
        if (RuntimeMounts.HasTerminals(spec))
            to.Add(Step(SystemCall.SymlinkAt, "pts/ptmx", Slots.Of(Slots.Dev), "ptmx") with { Passes = [Errno.EEXIST] });
    }

    /// <summary>A pair of the container's devpts; the master goes over <see cref="Slots.Console"/>, the peer is /dev/console as well.</summary>
    public static void Console(StepList to, RuntimeSpec spec) =>
        EntrySteps.OpenConsole(to, blocking: true, spec.TerminalSize, node: RuntimeMounts.OwnsDev(spec));
}
