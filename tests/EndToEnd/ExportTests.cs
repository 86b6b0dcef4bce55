namespace Provision.EndToEnd;

public sealed class ExportTests : LabTest
{
    [RootFact]
    public void Export_OfWhatIsLive_PlansEmpty()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Shop));

        var exported = Lab.Write("exported.yaml", Lab.Run("export").Succeeded().Out);

        Assert.Equal(3, Lab.Plan(0, exported).Summary("unchanged"));
    }

    [RootFact]
    public void Export_Applied_MakesTheSameAgain()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Shop));
        var exported = Lab.Write("exported.yaml", Lab.Run("export").Succeeded().Out);
        Lab.Run("destroy", "--auto-approve").Exited(0);

        Lab.Apply(exported);

        Assert.Equal(128L << 20, new LiveCgroup(Lab, "shop.cg/web.cg").MemoryMax);
        Assert.Equal(["10.88.0.1/24", "fd00:88::1/64"], Lab.Netns.Addresses("web0"));
    }
}
