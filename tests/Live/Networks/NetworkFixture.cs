using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Networks;

/// <summary>A namespace that stands for the host, with the bridge web0, and our side opened in it.</summary>
internal sealed class NetworkFixture : IDisposable
{
    public NetworkFixture()
    {
        Host.Ip("link add web0 type bridge");
        Host.Ip("link set web0 up");
        Host.Ip("address add 10.88.0.1/24 dev web0");
        Host.Ip("address add fd00:88::1/64 dev web0 nodad");
        Networks = Host.Inside(static () => new ContainerNetworks());
        Reader = Host.Inside(static () => new NetworkReader());
    }

    public static NetworkAttachment Attachment { get; } = new(
        "web0", "eth0", "02:00:00:88:00:02", ["10.88.0.2/24", "fd00:88::2/64"], [new("default", "10.88.0.1"), new("default", "fd00:88::1"), new("10.9.0.0/16", "10.88.0.7")]);

    public OwnNetns Host { get; } = new();

    public ContainerNetworks Networks { get; }

    public NetworkReader Reader { get; }

    public void Dispose()
    {
        Networks.Dispose();
        Reader.Dispose();
        Host.Dispose();
    }
}

/// <summary>A namespace that stands for a container.</summary>
internal sealed class Container : IDisposable
{
    private readonly NetworkFixture _at;

    public Container(NetworkFixture at, string name = "web-1")
    {
        _at = at;
        Owner = new NetworkOwner("test", "shop", name);
        Network = NetworkNamespace.Open(Netns.Path);
        Netns.Ip("link set lo up");
    }

    public OwnNetns Netns { get; } = new();

    public NetworkOwner Owner { get; }

    public SafeFileHandle Network { get; }

    public string HostEnd => Owner.HostEnd("eth0");

    public InterfaceRequest Request(NetworkAttachment attachment) => new(Owner, Network, attachment);

    public KernelError? Set(NetworkAttachment attachment) => _at.Networks.Set(Request(attachment));

    /// <summary>Fails the test where the kernel refuses.</summary>
    public void MustSet(NetworkAttachment attachment) => Assert.Null(Set(attachment));

    public InterfaceState Eth0 => _at.Reader.Read(Network).Interfaces["eth0"];

    /// <summary>What ip shows: <c>default via 10.88.0.1 proto 80</c>; without what the kernel adds.</summary>
    public string[] Routes(string family = "-4") =>
    [
        .. Netns.IpJson($"{family} route show dev eth0").EnumerateArray().Where(static r => Text(r, "protocol") != "kernel")
            .Select(static r => $"{Text(r, "dst")} via {Text(r, "gateway")} proto {Text(r, "protocol")}").Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        Network.Dispose();
        Netns.Dispose();
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;
}
