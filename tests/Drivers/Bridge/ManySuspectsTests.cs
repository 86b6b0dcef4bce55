using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>The kernel walks all links for each bridge that is looked at alone, so a look at many reads everything once.</summary>
public sealed class ManySuspectsTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(100, false)]
    public void Observe_OfSuspects_ReadsThemOneByOneOnlyWhenTheyAreFew(int count, bool oneByOne)
    {
        var text = string.Join("---\n", Enumerable.Range(0, count).Select(static i =>
            $"apiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: br{i}}}\nspec: {{}}\n"));
        var desired = Manifests.Parse("many.yaml", text, new KindRegistry([BridgeSchema.Schema])).Set;
        var reader = new CountingLinks();

        new BridgeDriver(reader).Observe(new Snapshot(), new Scope(), desired, desired.Ordered.Select(static r => r.Id).ToHashSet());

        Assert.Equal(oneByOne, reader.Looks > 0);
        Assert.Equal(1, reader.Dumps);
    }

    /// <summary>A kernel without links that counts how it is asked for them.</summary>
    private sealed class CountingLinks : ILinkReader
    {
        public int Looks { get; private set; }

        public int Dumps { get; private set; }

        public long TickNanoseconds => 4_000_000;

        public LinkTable ReadLinks()
        {
            Dumps++;
            return new LinkTable([]);
        }

        public LinkTable ReadLinks(IEnumerable<string> names)
        {
            Looks++;
            return new LinkTable([]);
        }

        public LinkTable ReadPorts(int master)
        {
            Looks++;
            return new LinkTable([]);
        }

        public AddressTable ReadAddresses() => new([]);

        public AddressTable ReadAddresses(int link)
        {
            Looks++;
            return new AddressTable([]);
        }

        public BridgeVlanTable ReadBridgeVlans() => new(new Dictionary<int, IReadOnlyList<BridgeVlan>>());

        public bool? HasVlanFiltering(LinkTable links) => null;

        public NetfilterTables ReadBridgeNetfilter() => new([]);
    }
}
