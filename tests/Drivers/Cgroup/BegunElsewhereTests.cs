using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>A creation that was cut short in a Cgroup that has to move: it goes with it and is made where it belongs.</summary>
public sealed class BegunElsewhereTests
{
    [Theory]
    [InlineData("")]
    [InlineData(", preventReplace: true")]
    public void Apply_BegunInOneThatMoves_IsMadeInTheMoved(string metadata)
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        var top = FakeHost.Doc("top", "{}");
        host.Converge(FakeHost.Set(top, FakeHost.Doc("shop", "{parent: top}")));
        var begun = new CgroupCreate("provision/top.cg/shop.cg/web.cg", [.. host.Kernel.Layout.Hierarchies.Select(static h => h.Name)]);
        Assert.Null(Assert.Single(((IOperationExecutor)host.Kernel).Execute([begun], default)));

        host.Converge(FakeHost.Set(top, FakeHost.Doc("shop", "{}"), FakeHost.Doc("web", "{parent: shop, pids: {max: 5}}", metadata)));

        Assert.Equal("5\n", host.Kernel.Read(host.Kernel.Layout.For("pids")!, "provision/shop.cg/web.cg", "pids.max"));
        Assert.DoesNotContain("top.cg/shop.cg", host.Kernel.Dump(), StringComparison.Ordinal);
    }
}
