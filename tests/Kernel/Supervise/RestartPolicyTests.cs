using CsCheck;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Tests.Supervise;

public sealed class RestartPolicyTests
{
    private static readonly RestartSpec Always = new(RestartPolicyKind.Always, 100, 60_000, 10_000);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData(RestartPolicyKind.Always, 0, true)]
    [InlineData(RestartPolicyKind.Always, 1, true)]
    [InlineData(RestartPolicyKind.Always, null, true)]
    [InlineData(RestartPolicyKind.OnFailure, 0, false)]
    [InlineData(RestartPolicyKind.OnFailure, 1, true)]
    [InlineData(RestartPolicyKind.OnFailure, 137, true)]
    [InlineData(RestartPolicyKind.OnFailure, null, true)]
    [InlineData(RestartPolicyKind.Never, 1, false)]
    [InlineData(RestartPolicyKind.Never, null, false)]
    public void Decide_AfterAnEnd_FollowsThePolicy(RestartPolicyKind policy, int? status, bool restarts) =>
        Assert.Equal(restarts, RestartPolicy.Decide(Always with { Policy = policy }, status, Short, 0).Restart);

    [Fact]
    public void Decide_EndAfterEnd_DoublesUpToTheLongestWait()
    {
        var waits = new List<double>();
        var inARow = 0;
        for (var i = 0; i < 12; i++)
        {
            var decision = RestartPolicy.Decide(Always, 1, Short, inARow);
            waits.Add(decision.Delay.TotalMilliseconds);
            inARow = decision.InARow;
        }

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000], waits);
    }

    [Fact]
    public void Decide_AfterAHealthyRun_StartsOver()
    {
        var decision = RestartPolicy.Decide(Always, 1, TimeSpan.FromSeconds(10), 9);

        Assert.Equal(100, decision.Delay.TotalMilliseconds);
        Assert.Equal(1, decision.InARow);
    }

    [Fact]
    public void Decide_RetriesSpent_GivesUpUntilAHealthyRun()
    {
        var spec = Always with { MaxRetries = 3 };

        Assert.True(RestartPolicy.Decide(spec, 1, Short, 2).Restart);
        Assert.Equal(new RestartDecision(false, TimeSpan.Zero, 3, GaveUp: true), RestartPolicy.Decide(spec, 1, Short, 3));
        Assert.True(RestartPolicy.Decide(spec, 1, TimeSpan.FromSeconds(11), 3).Restart);
    }

    [Fact]
    public void Decide_WhateverTheNumbers_WaitsWithinBounds() =>
        Gen.Select(Gen.Long[0, long.MaxValue / 20000], Gen.Long[0, long.MaxValue / 20000], Gen.Int[0, int.MaxValue], Gen.Long[0, 100]).Sample((initial, longest, inARow, ran) =>
        {
            var spec = new RestartSpec(RestartPolicyKind.Always, initial, longest, 1000);
            var decision = RestartPolicy.Decide(spec, 1, TimeSpan.FromMilliseconds(ran), inARow);
            Assert.True(decision.Restart);
            Assert.InRange(decision.Delay, TimeSpan.Zero, TimeSpan.FromMilliseconds(Math.Max(initial, longest)) + TimeSpan.FromMilliseconds(1000));
            Assert.True(decision.InARow >= inARow);
        });
}
