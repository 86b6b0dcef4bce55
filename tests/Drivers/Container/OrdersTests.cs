using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;

namespace Provision.Drivers.Tests.Container;

/// <summary>What of a manifest reaches the supervisor.</summary>
public sealed class OrdersTests
{
    [Fact]
    public void Order_OfAMinimalContainer_IsConfined()
    {
        var sandbox = Order("{command: [/bin/true]}").Sandbox;

        Assert.Equal(["/bin/true"], sandbox.Command);
        Assert.Equal(RootKind.Host, sandbox.Root.Kind);
        Assert.True(sandbox.Root.Overlay);
        Assert.All(["/etc/shadow*", "/root", "/home", "/run/provision", "/var/lib/provision", "/etc/provision"], path => Assert.Contains(path, sandbox.Root.Hidden));
        Assert.Equal(Capability.Docker, sandbox.Security.Capabilities.Bounding);
        Assert.Equal(0UL, sandbox.Security.Capabilities.Inheritable);
        Assert.True(sandbox.Security.NoNewPrivileges);
        Assert.NotNull(sandbox.Security.SeccompFilter);
        Assert.Equal(SecuritySpec.Default.MaskedPaths.Order(StringComparer.Ordinal), sandbox.Security.MaskedPaths);
        Assert.Equal(NamespaceChoice.Private, sandbox.Namespaces.Net);
        Assert.Equal(NamespaceChoice.Host, sandbox.Namespaces.User);
        Assert.Null(sandbox.IdMaps);
        Assert.Equal("web-1", sandbox.Hostname);
        Assert.StartsWith("PATH=", Assert.Single(sandbox.Env), StringComparison.Ordinal);
    }

    [Fact]
    public void Order_OfEveryField_HasItInTheKernelsTerms()
    {
        var order = Order("""
            {rootfs: {directory: /srv/root, readOnly: true, overlay: false}, command: [sh, -c], args: [true], env: {A: b, PATH: /bin}, workingDir: /srv/,
             user: {uid: 7, gid: 8, groups: [9, 10]}, hostname: www, namespaces: {user: private, ipc: host, net: "path:/run/netns/x", cgroup: "container:db"},
             idMap: {uid: [{container: 0, host: 100000, count: 65536}], gid: [{container: 0, host: 200000, count: 65536}]},
             mounts: [{source: /usr, target: /usr, readOnly: true, nosuid: false}, {type: tmpfs, target: /run, size: 16Mi, mode: 0755, noexec: true}],
             devices: [{path: /dev/zero}], oomScoreAdj: 5, rlimits: {nofile: {soft: 10, hard: max}},
             security: {capabilities: {keep: [KILL, net_raw], ambient: [CAP_KILL]}, seccomp: unconfined, noNewPrivileges: false, maskedPaths: [/a], readonlyPaths: []},
             restart: {policy: OnFailure, backoff: {initial: 1s, max: 2s, resetAfter: 3s}, maxRetries: 4}, stop: {signal: 2, timeout: 1500ms}, logging: {maxSize: 1Mi, maxFiles: 2}}
            """);
        var sandbox = order.Sandbox;

        Assert.Equal(new RootSpec(RootKind.Directory, "/srv/root", true, false, null, null, sandbox.Root.Hidden), sandbox.Root);
        Assert.Empty(sandbox.Root.Hidden);
        Assert.Equal(["sh", "-c", "true"], sandbox.Command);
        Assert.Equal(["A=b", "PATH=/bin"], sandbox.Env);
        Assert.Equal(("/srv", "www", 5), (sandbox.WorkingDirectory, sandbox.Hostname, sandbox.OomScoreAdj));
        Assert.Equal((7u, 8u), (sandbox.User.Uid, sandbox.User.Gid));
        Assert.Equal([10u, 9u], sandbox.User.Groups);
        Assert.Equal(NamespaceChoice.Host, sandbox.Namespaces.Ipc);
        Assert.Equal(new NamespaceChoice(NamespaceKind.Path, "/run/netns/x"), sandbox.Namespaces.Net);
        Assert.Equal(new NamespaceChoice(NamespaceKind.Path, "container:db"), sandbox.Namespaces.Cgroup);
        Assert.Equal([new IdRange(0, 100000, 65536)], sandbox.IdMaps!.Uid);
        Assert.Equal([new IdRange(0, 200000, 65536)], sandbox.IdMaps.Gid);
        Assert.Equal(
            [new MountSpec(MountKind.Tmpfs, null, "/run", NoExec: true, SizeBytes: 16 << 20, Mode: 0x1ED), new MountSpec(MountKind.Bind, "/usr", "/usr", ReadOnly: true, NoSuid: false)],
            sandbox.Mounts);
        Assert.Equal([new DeviceSpec("/dev/zero", DeviceType.Char, 1, 5)], sandbox.Devices);
        Assert.Equal([new RlimitSpec(RlimitResource.Nofile, 10, RlimitSpec.Infinity)], sandbox.Rlimits);
        var (kill, raw) = (Capability.Mask(["CAP_KILL"]), Capability.Mask(["CAP_NET_RAW"]));
        Assert.Equal(new CapabilitySets(kill | raw, kill, kill, kill, kill), sandbox.Security.Capabilities);
        Assert.False(sandbox.Security.NoNewPrivileges);
        Assert.Null(sandbox.Security.SeccompFilter);
        Assert.Equal(["/a"], sandbox.Security.MaskedPaths);
        Assert.Empty(sandbox.Security.ReadonlyPaths);
        Assert.Equal(new RestartSpec(RestartPolicyKind.OnFailure, 1000, 2000, 3000, 4), order.Restart);
        Assert.Equal((new StopSpec(2, 1500), new LoggingSpec(1 << 20, 2)), (order.Stop, order.Logging));
    }

    [Fact]
    public void Order_OfALink_NamesTheBridgesLink()
    {
        var order = Order(
            "{command: [a], sysctls: {net.ipv4.ip_forward: 1}, networks: [{bridge: named, interface: eth0, addresses: [10.0.0.2/24], routes: [{to: default, via: 10.0.0.1}]}]}");

        var link = Assert.Single(order.Sandbox.Networks);
        Assert.Equal(("br7", "eth0", (string?)null), (link.Bridge, link.Interface, link.Mac));
        Assert.Equal(["10.0.0.2/24"], link.Addresses);
        Assert.Equal([new RouteSpec("default", "10.0.0.1")], link.Routes);
        Assert.Equal([new SysctlSpec("net.ipv4.ip_forward", "1")], order.Sandbox.Sysctls);
    }

    [Fact]
    public void Order_OfALeaf_HasADirectoryInEveryHierarchy()
    {
        var order = Order("{command: [a], cgroup: shop}");

        Assert.Equal("provision/shop.cg/web-1.ctr", order.Cgroup);
        Assert.Contains("/cg/memory/provision/shop.cg/web-1.ctr", order.Sandbox.CgroupDirectories);
        Assert.Contains("/cg/unified/provision/shop.cg/web-1.ctr", order.Sandbox.CgroupDirectories);
    }

    private static ContainerOrder Order(string spec) =>
        new FakeHost(FakeCgroups.Hybrid()).Plan(FakeHost.Set(
            FakeHost.Doc("shop", "{}", "Cgroup"), FakeHost.Doc("named", "{linkName: br7}", "Bridge"), FakeHost.Doc("db", "{command: [a]}"), FakeHost.Doc("web-1", spec.ReplaceLineEndings(" "))))
        .Plan.Changes.SelectMany(static c => c.Operations).OfType<ContainerStart>().Single(static s => s.Name == "web-1").Order;
}
