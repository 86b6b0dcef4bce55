using System.Globalization;
using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>What status tells of a container in each phase of its life.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("Always", null, 0, "Current", "")]
    [InlineData("Always", "Waiting", 3, "InProgress", "ended with status 3; waits to be started again")]
    [InlineData("Never", "Exited", 3, "Current", "ended with status 3")]
    [InlineData("OnFailure", "Exited", 0, "Current", "ended with status 0")]
    [InlineData("OnFailure", "Failed", 3, "Drifted", "running; ended with status 3")]
    [InlineData("Always", "Stopped", 143, "Drifted", "running")]
    public void Status_OfPhase_SaysHowItStands(string policy, string? phase, int status, string state, string message)
    {
        var (host, set) = Host(policy);
        if (phase is not null)
            host.Containers["web-1"].End(Enum.Parse<RunState>(phase), status);

        var told = Assert.Single(Of(host, set));

        Assert.Equal((state, message), (told.State.ToString(), told.Message));
    }

    [Fact]
    public void Status_RunningContainer_HasItsProcess()
    {
        var (host, set) = Host("Always");

        var facts = Assert.Single(Of(host, set)).Facts;

        Assert.Equal(host.Containers["web-1"].Pid.ToString(CultureInfo.InvariantCulture), facts["pid"]?.ToString());
        Assert.Equal("0", facts["restarts"]?.ToString());
        Assert.Null(facts["exitStatus"]);
    }

    [Fact]
    public void Status_EndThatNobodySaw_IsUnknownAndNeverZero()
    {
        var (host, set) = Host("OnFailure");
        host.Containers["web-1"].End(RunState.Exited, null);

        var told = Assert.Single(Of(host, set));

        Assert.Equal("unknown", told.Facts["exitStatus"]?.ToString());
        Assert.Equal("Drifted", told.State.ToString());
    }

    [Fact]
    public void Status_Json_HasTheFacts()
    {
        var (host, set) = Host("Always");

        var json = StatusJson.Write(new Scope(), Of(host, set));

        Assert.Contains($"\"pid\": {host.Containers["web-1"].Pid}", json, StringComparison.Ordinal);
        Assert.Contains("\"phase\": \"Running\"", json, StringComparison.Ordinal);
    }

    private static (FakeHost Host, ResourceSet Set) Host(string policy)
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        var set = FakeHost.Set(FakeHost.Doc("web-1", $"{{command: [/bin/true], restart: {{policy: {policy}}}}}"));
        host.Converge(set);
        return (host, set);
    }

    private static IReadOnlyList<ResourceStatus> Of(FakeHost host, ResourceSet set) =>
        [.. StatusBuilder.Of(host.Findings(set), [], withManifests: true)];
}
