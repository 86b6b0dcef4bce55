using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

public sealed class NetworkOwnerTests
{
    private static readonly NetworkOwner Owner = new("default", "shop", "web-1");

    [Fact]
    public void HostEnd_OfAnInterface_StaysTheSameAndFitsIntoALinksName()
    {
        // A container that runs is found again under this name: it must not change from version to version.
        Assert.Equal("pvc5uvnd3s7gzqh", Owner.HostEnd("eth0"));
        Assert.Equal(Owner.HostEnd("eth0"), (Owner with { Stack = "other" }).HostEnd("eth0"));
    }

    [Fact]
    public void HostEnd_OfManyContainersAndInterfaces_IsUnique()
    {
        var names = from instance in (string[])["a", "ab", "b"]
                    from container in Enumerable.Range(0, 1000)
                    from name in (string[])["eth0", "eth1", "0", ""]
                    select new NetworkOwner(instance, "s", $"c{container}").HostEnd(name);

        Assert.Equal(12_000, names.Distinct().Count());
        Assert.All(names, static n => Assert.Matches("^pv[a-z2-7]{13}$", n));
    }

    [Fact]
    public void Alias_OfTheLongestNames_FitsAndIsAMark()
    {
        var longest = new NetworkOwner(new string('i', 63), new string('s', 63), new string('c', 63));

        var alias = longest.Alias("fifteen-bytes-x");

        Assert.True(alias.Length <= AliasMark.MaxLength, alias);
        Assert.True(longest.Owns(new Link(1, "x", 0, "veth", alias, 1500, null, true, 0)));
    }

    [Fact]
    public void Owns_MarksOfOthers_IsFalse()
    {
        Assert.True(Owner.Owns(With(Owner.Alias("eth0"))));
        Assert.False(Owner.Owns(With((Owner with { Instance = "other" }).Alias("eth0"))));
        Assert.False(Owner.Owns(With((Owner with { Container = "web-2" }).Alias("eth0"))));
        Assert.False(Owner.Owns(With("provision/v1 default shop Bridge/web-1 Delete x")));
        Assert.False(Owner.Owns(With(null)));
    }

    [Fact]
    public void MayTake_CreationCutShort_IsOursButNotAnothersLink()
    {
        Assert.True(Owner.MayTake(With(null) with { Group = Owner.Group }));
        Assert.False(Owner.MayTake(With(null)));
        Assert.False(Owner.MayTake(With("mine") with { Group = Owner.Group }));
        Assert.False(Owner.MayTake(With(null) with { Group = Owner.Group, Kind = "bridge" }));
    }

    private static Link With(string? alias) => new(7, "pv", 0, "veth", alias, 1500, null, true, 0);
}
