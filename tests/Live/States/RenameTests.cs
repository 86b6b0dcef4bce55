using Provision.Reconciler;

namespace Provision.Testing.States;

/// <summary>A Bridge gets another name while containers are on it: they follow, there and back.</summary>
public sealed class RenameTests : IDisposable
{
    private readonly OwnDirectory _directory = new();
    private readonly World _world = new();
    private readonly string _root;

    public RenameTests() => _root = StateGen.Root(_directory);

    public void Dispose()
    {
        _world.Dispose();
        _directory.Dispose();
    }

    [RootFact]
    public void Apply_RefusedAtAnyOperation_IsTakenBackAndThenDone()
    {
        var (before, after) = (Set("web0", "one", 1), Set("web1", "other", 2));
        _world.Converge(before);
        var picture = Witness.Of(_world, "");
        var pids = Witness.Containers(_world);
        var count = World.Operations(_world.Plan(after)).Count;
        Assert.True(count > 3);

        for (var i = 0; i < count; i++)
        {
            var plan = _world.Plan(after);
            _world.Refused = World.Operations(plan)[i];
            var result = _world.Apply(plan);
            Assert.True(result.Outcome == ApplyOutcome.RolledBack, $"{World.Operations(plan)[i].Text}: {World.Describe(result)}");
            Assert.Equal(picture, Witness.Of(_world, ""));
            _world.AssertNothingToDo(before);
        }

        _world.Converge(after);
        Assert.Equal(pids, Witness.Containers(_world));
        Assert.All(_world.Netns.IpJson("link show master web1").EnumerateArray(), static l => Assert.StartsWith("pv", l.GetProperty("ifname").GetString(), StringComparison.Ordinal));
    }

    private Spec.ResourceSet Set(string link, string hostname, int address) => World.Parse(
        $"apiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: net0}}\nspec: {{linkName: {link}, addresses: [10.88.0.1/24]}}\n---\n"
        + $"apiVersion: provision/v1\nkind: Container\nmetadata: {{name: k1}}\nspec:\n  rootfs: {{directory: {_root}}}\n  command: [/bin/sleep, \"100000\"]\n"
        + $"  hostname: {hostname}\n  stop: {{signal: KILL}}\n  networks: [{{bridge: net0, interface: eth0, addresses: [10.88.0.1{address}/24]}}]\n");
}
