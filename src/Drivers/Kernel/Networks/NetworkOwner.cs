using System.Text;
using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Kernel.Networks;

/// <summary>
/// The container that interfaces are made for. The mark of its host ends is that of every link: the instance's group,
/// and an alias that names the container and, last, the interface. What stands inside a container proves nothing.
/// </summary>
public sealed record NetworkOwner(string Instance, string Stack, string Container)
{
    private const string Kind = "Container";
    private const string Prefix = "pv";
    private const int HashLength = 13; // with the prefix IFNAMSIZ - 1; 65 bits
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>IFLA_GROUP of its host ends.</summary>
    public uint Group => AliasMark.Group(Instance);

    /// <summary>
    /// The name of the host's end of an interface: the same at every start, and different for every instance, container
    /// and interface.
    /// </summary>
    public string HostEnd(string name)
    {
        var hash = Sha256.Hash(Encoding.UTF8.GetBytes($"{Instance}\0{Container}\0{name}"));
        var text = new StringBuilder(Prefix);
        for (var i = 0; i < HashLength; i++)
            text.Append(Base32[Five(hash, i * 5)]);
        return text.ToString();
    }

    /// <summary>IFLA_IFALIAS of the host's end of an interface.</summary>
    public string Alias(string name) =>
        new AliasMark(new Scope(Instance, Stack), new ResourceId(Kind, Container), DeletionPolicy.Delete, name).ToString();

    /// <summary>True for a link whose mark names this container.</summary>
    public bool Owns(Link link) =>
        AliasMark.TryParse(link.Alias) is { } mark && mark.Scope.Instance == Instance && mark.Id == new ResourceId(Kind, Container);

    /// <summary>True for what this container may take over under the name of a host end: its own, or a creation that was cut short.</summary>
    internal bool MayTake(Link link) => Owns(link) || (link.Alias is null && link.Group == Group && link.Kind == "veth");

    private static int Five(byte[] bits, int at)
    {
        var two = (bits[at / 8] << 8) | bits[(at / 8) + 1];
        return (two >> (11 - (at % 8))) & 31;
    }
}
