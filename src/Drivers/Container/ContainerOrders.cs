using Provision.Kernel;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Kernel.Supervise;
using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>A spec in normal form to what the supervisor is told.</summary>
/// <param name="set">Where bridges are looked up by name.</param>
/// <param name="bag">Takes what is wrong with a filter of system calls on this kernel.</param>
internal sealed class ContainerOrders(ICgroupReader reader, ResourceSet set, ISecurityReader security, SeccompFilters filters, DiagnosticBag bag)
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public ContainerOrder Of(string name, string stack, string path, ObjectValue spec) => new()
    {
        Name = name,
        Stack = stack,
        Cgroup = path,
        Sandbox = Sandbox(name, path, spec),
        Restart = new RestartSpec(
            Enum.Parse<RestartPolicyKind>(spec.Text(Policy) ?? nameof(RestartPolicyKind.Always)),
            Milliseconds(spec, BackoffInitial), Milliseconds(spec, BackoffMax), Milliseconds(spec, ResetAfter), (int)Number(spec, MaxRetries)),
        Stop = new StopSpec(Signals.NumberOf(spec.Text(StopSignal) ?? "SIGTERM") ?? 15, Milliseconds(spec, StopTimeout)),
        Logging = new LoggingSpec((ulong)Number(spec, LogSize), (int)Number(spec, LogFiles)),
        Terminal = spec.Flag(Terminal) == true,
        Running = spec.Flag(Running) != false,
    };

    /// <summary>One link as the supervisor makes it.</summary>
    public NetworkAttachment Network(ObjectValue network)
    {
        var bridge = network.Text(NetworkFields.Bridge) ?? "";
        return new NetworkAttachment(
            set.Find(new ResourceId(BridgeNetworks.Kind, bridge)) is { } resource ? BridgeNetworks.LinkOf(resource) : bridge,
            network.Text(NetworkFields.Interface)!,
            network.Text(NetworkFields.Mac),
            [.. network.List(NetworkFields.Addresses).Select(static a => a.ToString()!)],
            [.. network.Objects(NetworkFields.Routes).Select(static r => new RouteSpec(r.Text(NetworkFields.RouteTo)!, r.Text(NetworkFields.RouteVia)!))])
        {
            Mtu = (int?)network.Number(NetworkFields.Mtu),
        };
    }

    /// <summary>The filter that its processes have, as struct sock_filter; null: none.</summary>
    public byte[]? Filter(ObjectValue spec) => Security(spec).SeccompFilter;

    private SandboxSpec Sandbox(string name, string path, ObjectValue spec) => new()
    {
        Name = name,
        Root = Root((ObjectValue)spec.Get(Rootfs)!),
        Namespaces = Namespaces(spec),
        IdMaps = spec.Text(UserNamespace) == NamespaceType.Private ? new IdMaps(Ranges(spec, UidMap), Ranges(spec, GidMap)) : null,
        Mounts = [.. spec.Objects(Mounts).Select(Mount)],
        Devices = [.. spec.Objects(Devices).Select(Device).OfType<DeviceSpec>()],
        Command = [.. spec.List(Command).Concat(spec.List(Args)).Select(static a => a.ToString()!)],
        Env = Env(spec),
        WorkingDirectory = spec.Text(WorkingDir) ?? "/",
        User = new UserSpec((uint)Number(spec, Uid), (uint)Number(spec, Gid), [.. spec.List(Groups).OfType<NumberValue>().Select(static g => (uint)g.Number)]),
        Hostname = spec.Text(Uts) == NamespaceType.Private ? spec.Text(Hostname) : null,
        Rlimits = RlimitFields.Read(spec),
        Sysctls = [.. Members(spec, Sysctls).Select(static s => new SysctlSpec(s.Key, s.Value.ToString()!))],
        OomScoreAdj = (int)Number(spec, OomScoreAdj),
        CgroupDirectories = [.. reader.Layout.Hierarchies.Select(h => $"{h.MountPoint}/{path}")],
        Security = Security(spec),
        Networks = [.. spec.Objects(NetworkFields.Networks).Select(Network)],
    };

    private static RootSpec Root(ObjectValue root)
    {
        var directory = root["directory"]?.ToString();
        return new RootSpec(
            directory is null ? RootKind.Host : RootKind.Directory, directory, root["readOnly"] is FlagValue { Flag: true }, directory is null || root["overlay"] is not FlagValue { Flag: false },
            null, null, directory is null ? HostSecrets.Hidden : []);
    }

    private static NamespaceSet Namespaces(ObjectValue spec) => new()
    {
        Pid = NamespaceType.Choice(spec.Text(Pid)),
        Net = NamespaceType.Choice(spec.Text(Net)),
        Ipc = NamespaceType.Choice(spec.Text(Ipc)),
        Uts = NamespaceType.Choice(spec.Text(Uts)),
        Mnt = NamespaceType.Choice(spec.Text(Mnt)),
        Cgroup = NamespaceType.Choice(spec.Text(CgroupNamespace)),
        User = NamespaceType.Choice(spec.Text(UserNamespace) ?? NamespaceType.Host),
        Time = NamespaceType.Choice(spec.Text(Time) ?? NamespaceType.Host),
    };

    private static IReadOnlyList<IdRange> Ranges(ObjectValue spec, Field map) =>
    [
        .. spec.Objects(map).Select(static r => new IdRange(Id(r, "container"), Id(r, "host"), Id(r, "count"))).OrderBy(static r => r.Container),
    ];

    private static uint Id(ObjectValue range, string name) => (uint)((NumberValue)range[name]!).Number;

    private static MountSpec Mount(ObjectValue mount) => new(
        mount.Text(MountType) == "tmpfs" ? MountKind.Tmpfs : MountKind.Bind,
        mount.Text(MountSource),
        mount.Text(MountTarget)!,
        mount.Flag(MountReadOnly) == true, mount.Flag(NoExec) == true, mount.Flag(NoSuid) != false, mount.Flag(NoDev) != false,
        (ulong?)mount.Number(MountSize), (uint?)mount.Number(MountMode));

    // One that is not there was told of when the spec was brought into form.
    private DeviceSpec? Device(ObjectValue device) => reader.Device(device.Text(DevicePath)!) is { } node
        ? new DeviceSpec(device.Text(DevicePath)!, node.Block ? DeviceType.Block : DeviceType.Char, node.Major, node.Minor)
        : null;

    private static List<string> Env(ObjectValue spec)
    {
        var env = Members(spec, ContainerFields.Env).Select(static e => $"{e.Key}={e.Value}").ToList();
        if (!env.Exists(static e => e.StartsWith("PATH=", StringComparison.Ordinal)))
            env.Insert(0, DefaultPath);
        if (spec.Flag(Terminal) == true && !env.Exists(static e => e.StartsWith("TERM=", StringComparison.Ordinal)))
            env.Add("TERM=xterm");
        return env;
    }

    // The permitted set of a user other than 0 is lost when the program is run, but for what is ambient.
    private SecuritySpec Security(ObjectValue spec)
    {
        var fields = ContainerSecurity.Fields;
        var keep = CapabilityType.Mask(spec.List(fields.Keep));
        var ambient = CapabilityType.Mask(spec.List(fields.Ambient));
        var held = Number(spec, Uid) == 0 ? keep : ambient;
        var labelled = ContainerSecurity.IsLabelled(spec) && security.Layers[SecurityLayers.Selinux].On;
        var filter = filters.For(spec.Get(fields.Seccomp), keep, spec.Flag(fields.NoNewPrivileges) != false, bag);
        return new SecuritySpec
        {
            Capabilities = new CapabilitySets(keep, held, held, ambient, ambient),
            NoNewPrivileges = spec.Flag(fields.NoNewPrivileges) != false,
            SeccompFilter = filter?.Bytes.ToArray(),
            // What has to do with several threads or a listener means nothing for a process that starts.
            SeccompFlags = (filter?.Flags ?? 0) & (SeccompProgram.FlagLog | SeccompProgram.FlagSpecAllow),
            MaskedPaths = [.. spec.List(fields.MaskedPaths).Select(static p => p.ToString()!)],
            ReadonlyPaths = [.. spec.List(fields.ReadonlyPaths).Select(static p => p.ToString()!)],
            SelinuxLabel = labelled ? $"system_u:system_r:{spec.Text(fields.SelinuxType)}:{spec.Text(fields.SelinuxLevel)}" : null,
            // Which type of files goes with another type only its policy knows.
            SelinuxFileLabel = labelled && spec.Text(fields.SelinuxType) == SelinuxPolicy.ProvisionModule.ProcessType
                ? $"system_u:object_r:{SelinuxPolicy.ProvisionModule.FileType}:{spec.Text(fields.SelinuxLevel)}"
                : null,
            AppArmorProfile = ContainerSecurity.IsProfiled(spec) && security.Layers[SecurityLayers.AppArmor].On ? spec.Text(fields.AppArmorProfile) : null,
        };
    }

    private static IEnumerable<KeyValuePair<string, Value>> Members(ObjectValue spec, Field map) => (spec.Get(map) as ObjectValue)?.Members ?? ObjectValue.Empty.Members;

    private static long Number(ObjectValue spec, Field field) => spec.Number(field) ?? ((NumberValue)field.Default!).Number;

    private static long Milliseconds(ObjectValue spec, Field field) => Number(spec, field) / 1000;
}
