using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>An IPv6 address that another on the network has: the kernel takes it, finds the other, and does not use it.</summary>
public sealed class AddressInUseTests : LabTest
{
    private const string Address = "fd00:99::1/64";

    private const string Bridge =
        $$"""
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec: {addresses: ["{{Address}}"], ports: [{link: eth1}]}

        """;

    // Generous: the machine may be an emulated one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [RootFact]
    public void Apply_OfAnAddressThatAnotherHas_IsToldAndPutRightWhenTheOtherIsGone()
    {
        using var other = new OwnNetns();
        Lab.Netns.Ip($"link add eth1 type veth peer name far1 netns {other.Name}");
        Lab.Netns.Ip("link set eth1 up");
        other.Ip("link set far1 up");
        other.Ip($"address add {Address} dev far1 nodad");
        var path = Lab.Write("web.yaml", Bridge);
        Lab.Apply(path);
        Until("the kernel finds the other", static a => a.TryGetProperty("dadfailed", out _));

        Assert.Contains($"another on the network of web0 has {Address}", Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);
        Assert.Contains($"another on the network has {Address}", Lab.Run("status", "-f", path).Exited(0).Out, StringComparison.Ordinal);
        Assert.Equal([$"addresses[{Address}]"], Lab.Drift(2, path).GetProperty("rows").EnumerateArray().Select(static d => d.GetProperty("path").GetString()));

        other.Ip($"address delete {Address} dev far1");
        Lab.Apply(path);
        Until("the address is used", static a => !a.TryGetProperty("tentative", out _) && !a.TryGetProperty("dadfailed", out _));
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Lab.Netns.Ip("link delete eth1");
    }

    private void Until(string what, Func<JsonElement, bool> holds) => Assert.True(
        SpinWait.SpinUntil(
            () => Lab.Netns.IpJson("-6 address show dev web0 scope global")[0].GetProperty("addr_info").EnumerateArray().Any(holds), Patience),
        what);
}
