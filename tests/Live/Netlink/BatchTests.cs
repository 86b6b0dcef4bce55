using System.Collections.Immutable;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Netlink;

public sealed class BatchTests
{
    [RootFact]
    public void Execute_ThousandBridges_AllExistAndAllGo()
    {
        using var at = new NetlinkFixture();
        var names = Enumerable.Range(0, 1000).Select(static i => $"b{i}").ToArray();

        var created = at.Execute([.. names.Select(static n => NetlinkFixture.Bridge(n, 0x50000001))]);
        var aliased = at.Execute([.. names.Select(static n => new LinkSetAlias(n, Mark(n)))]);
        var addressed = at.Execute([.. names.Select(static (n, i) => NetlinkFixture.Add(n, $"10.{i / 250}.{i % 250}.1/24"))]);

        Assert.All(created.Concat(aliased).Concat(addressed), Assert.Null);
        var seen = at.Netns.IpJson("link show").EnumerateArray()
            .ToDictionary(static l => l.GetProperty("ifname").GetString()!, static l => l.TryGetProperty("ifalias", out var a) ? a.GetString() : null);
        Assert.All(names, n => Assert.Equal(Mark(n), seen[n]));
        Assert.Equal(1000, at.Reader.ReadLinks().Links.Count(static l => l.IsBridge));
        Assert.Equal(1000, at.Reader.ReadAddresses().All.Count());

        var deleted = at.Execute([.. names.Select(static n => new LinkDelete(n))]);
        Assert.All(deleted, Assert.Null);
        Assert.Equal(["lo"], at.Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!));
    }

    [RootFact]
    public void Execute_ManyDeletions_SpareTheRestOfTheGroup()
    {
        using var at = new NetlinkFixture();
        at.Execute([.. Enumerable.Range(0, 20).Select(static i => NetlinkFixture.Bridge($"b{i}", 0x50000001))]);
        at.Execute([.. Enumerable.Range(0, 20).Select(static i => new LinkSetAlias($"b{i}", Mark($"b{i}")))]);
        at.Do(NetlinkFixture.Bridge("foreign", 7), NetlinkFixture.Bridge("plain"));

        // Every other one, and with them one of another group and one that is not there.
        Operation[] doomed = [.. Enumerable.Range(0, 10).Select(static i => new LinkDelete($"b{i * 2}")), new LinkDelete("foreign"), new LinkDelete("gone")];
        var errors = at.Execute(doomed);

        Assert.All(errors.SkipLast(2), Assert.Null);
        Assert.Equal(19, errors[^2]!.Errno);
        Assert.Contains("somebody else", errors[^2]!.Detail, StringComparison.Ordinal);
        Assert.Equal(19, errors[^1]!.Errno);
        var left = at.Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"b{(i * 2) + 1}").Append("foreign").Append("lo").Append("plain").Order().ToArray(), left);
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(0x50000001u, at.Link($"b{(i * 2) + 1}").Group));
    }

    [RootFact]
    public void BulkDelete_WithAStrangerInItsGroup_SparesIt()
    {
        using var at = new NetlinkFixture();
        const uint doomed = 0x51000007;
        at.Execute([.. Enumerable.Range(0, 6).Select(static i => NetlinkFixture.Bridge($"b{i}", 0x50000001))]);
        at.Do(NetlinkFixture.Bridge("stranger", doomed));
        using var channel = at.Netns.Inside(static () => new ChangeChannel(new NetlinkSocket()));

        var answers = new BulkDelete(channel, at.Reader, doomed).Perform([.. Enumerable.Range(0, 6).Select(i => at.Link($"b{i}"))]);

        Assert.All(answers, static a => Assert.Null(a));
        Assert.Equal(["lo", "stranger"], at.Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!));
    }

    [RootFact]
    public void Execute_AnswersLost_EveryOperationIsDoneAndSaidToBe()
    {
        using var at = new NetlinkFixture();
        using var executor = at.Netns.Inside(static () => new RtnetlinkExecutor(receiveBuffer: 1));
        var names = Enumerable.Range(0, 40).Select(static i => $"b{i}").ToArray();

        var created = executor.Execute([.. names.Select(static n => NetlinkFixture.Bridge(n, 0x50000001))], CancellationToken.None);
        var addressed = executor.Execute([.. names.Select(static (n, i) => NetlinkFixture.Add(n, $"10.0.{i}.1/24")), new LinkSetMtu("b0", 1)], CancellationToken.None);
        Assert.All(created.Concat(addressed.SkipLast(1)), Assert.Null);
        Assert.Equal(22, addressed[^1]!.Errno);
        Assert.Equal(40, at.Reader.ReadAddresses().All.Count());

        Assert.All(executor.Execute([.. names.Select(static (n, i) => NetlinkFixture.Delete(n, $"10.0.{i}.1/24"))], CancellationToken.None), Assert.Null);
        Assert.All(executor.Execute([.. names.Select(static n => new LinkDelete(n))], CancellationToken.None), Assert.Null);
        Assert.Equal(["lo"], at.Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!));
    }

    [RootFact]
    public void Execute_LinkThatWasReplaced_IsLeftAlone()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0", 0x50000001));
        var planned = at.Link("web0").Index;
        at.Netns.Ip("link delete web0");
        at.Do(NetlinkFixture.Bridge("web0", 0x50000002));
        at.Netns.Ip("link add eth1 type veth peer name eth1p");

        var errors = at.Execute(
            new LinkSetMtu("web0", 1400) { LinkIndex = planned }, new LinkDelete("web0") { LinkIndex = planned },
            new LinkSetMaster("eth1", "web0") { MasterIndex = planned });

        Assert.All(errors, static e => Assert.Equal((19, true), (e!.Errno, e.Detail!.Contains("replaced", StringComparison.Ordinal))));
        Assert.Equal(1500, at.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Assert.False(at.Netns.Link("eth1")!.Value.TryGetProperty("master", out _));
    }

    [RootFact]
    public void Execute_MasterThatWasRenamed_IsFoundByItsIndex()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0", 0x50000001), NetlinkFixture.Bridge("web1", 0x50000001));
        var planned = at.Link("web0").Index;
        at.Netns.Ip("link set web0 name web2");
        at.Netns.Ip("link set web1 name web0");
        at.Netns.Ip("link add eth1 type veth peer name eth1p");

        at.Do(new LinkSetMaster("eth1", "web0") { MasterIndex = planned });

        Assert.Equal("web2", at.Netns.Link("eth1")!.Value.GetProperty("master").GetString());
    }

    [RootFact]
    public void Execute_SecondMessageRefused_EndsHalfway()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), new LinkSetUp("web0", true), new LinkSetMtu("web0", 1200));

        var error = at.Execute(new LinkSetUp("web0", false, [NetlinkFixture.Add("web0", "fd00::1/64")]))[0]!;

        Assert.True(error.Halfway);
        Assert.False(at.Link("web0").Up);
    }

    [RootFact]
    public void Execute_RefusalsInMidBatch_AreTheRightOnes()
    {
        using var at = new NetlinkFixture();
        at.Execute([.. Enumerable.Range(0, 120).Select(static i => NetlinkFixture.Bridge($"b{i}"))]);

        var errors = at.Execute([.. Enumerable.Range(0, 120).Select(static i => new LinkSetMtu($"b{i}", i is 30 or 77 ? 10 : 1400))]);

        var refused = errors.Select(static (e, i) => (e, i)).Where(static x => x.e is not null).ToList();
        Assert.Equal([30, 77], refused.Select(static x => x.i));
        Assert.All(refused, static x => Assert.Equal(22, x.e!.Errno));
        Assert.Equal("RTM_NEWLINK b30 set link b30 mtu 10: EINVAL (invalid argument): mtu less than device minimum", refused[0].e!.ToString());
        Assert.Equal(118, at.Netns.IpJson("link show").EnumerateArray().Count(static l => l.GetProperty("mtu").GetInt32() == 1400));
    }

    [RootFact]
    public void Execute_LinkThatVanished_IsNamed()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 type bridge");
        at.Netns.Ip("link delete web0");

        var error = Assert.Single(at.Execute(new LinkSetMtu("web0", 1400)));

        Assert.Equal("RTM_NEWLINK web0 set link web0 mtu 1400: ENODEV (no such device): there is no link web0", error!.ToString());
    }

    [RootFact]
    public void Execute_NameThatIsOnlySomebodysAlternativeName_TouchesNothing()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add other type bridge");
        at.Netns.Ip("link property add dev other altname web0");

        Assert.Equal(19, at.Execute(new LinkSetMtu("web0", 1400))[0]!.Errno);
        Assert.Equal(17, at.Execute(NetlinkFixture.Bridge("web0"))[0]!.Errno);
        Assert.Null(at.Reader.ReadLinks(["web0"]).Find("web0"));
        Assert.Equal(1500, at.Netns.Link("other")!.Value.GetProperty("mtu").GetInt32());
    }

    [RootFact]
    public void Execute_CreateWithARefusedSetting_MakesNothing()
    {
        using var at = new NetlinkFixture();

        var error = at.Execute(NetlinkFixture.Bridge("web0") with
        {
            Settings = ImmutableSortedDictionary<BridgeAttribute, uint>.Empty.Add(BridgeAttribute.HelloTime, 1),
        })[0];

        Assert.Equal(34, error!.Errno);
        Assert.Null(at.Netns.Link("web0"));
    }

    [RootFact]
    public void Execute_Cancelled_SendsNothing()
    {
        using var at = new NetlinkFixture();
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.NotNull(at.Executor.Execute([NetlinkFixture.Bridge("web0")], cancel.Token)[0]);
        Assert.Null(at.Netns.Link("web0"));
    }

    private static string Mark(string link) => $"provision/v1 test default Bridge/{link} Delete x";
}
