using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Testing.States;

/// <summary>
/// One pair of sets, A and then B, brought to the kernel in a world of its own and held against everything that Provision
/// promises of the way.
/// </summary>
internal sealed class PairCase(Pair pair, Features features, string root)
{
    // Operations of the way that are left out, and that fail, one at a time.
    private const int Tried = 3;

    private readonly string _before = StateGen.Manifests(pair.Before, features, root);
    private readonly string _after = StateGen.Manifests(pair.After, features, root);

    public string Text => $"--- A ---\n{_before}--- B ---\n{_after}---------\n";

    public void Run()
    {
        var (a, b) = (World.Parse(_before), World.Parse(_after));
        using var world = new World();
        world.Converge(a);
        var strangers = new Strangers(world);
        strangers.Settle(Midst(world.Plan(b), a, b));
        var (there, theirs) = (Witness.Of(world, _before), strangers.Picture());
        ReplaceRules.Check(world.Plan(b).Plan);

        for (var i = 0; i < Tried; i++)
        {
            var undone = LeftOut(world, a, b, pair.Fault + (i * 7));
            there = AsBefore("after an operation that was left out", there, world, undone);
            undone = Refused(world, a, b, pair.Fault + (i * 5));
            there = AsBefore("after what was taken back", there, world, undone);
        }

        var plan = world.Plan(b);
        var kept = Kept(world, plan);
        world.Converge(b);
        Assert.Equal(kept, Witness.Containers(world).Where(c => kept.ContainsKey(c.Key)).ToDictionary());
        Same("strangers", theirs, strangers.Picture());
        var reached = Witness.Of(world, _after);
        using (var clean = new World())
        {
            clean.Converge(b);
            Same("against a clean host", Witness.WithoutHistory(Witness.Of(clean, _after), _after), Witness.WithoutHistory(reached, _after));
            clean.Destroy();
            Gone(clean);
        }

        Removed(world, strangers, theirs);
    }

    // Where others can have a cgroup without being in the way: in one that stays.
    private static string? Midst(PlanResult plan, ResourceSet a, ResourceSet b)
    {
        var id = new ResourceId("Cgroup", "c1");
        return a.Find(id) is not null && b.Find(id) is not null && !plan.Plan.Changes.Any(c => c.Id == id && c.Action == ChangeAction.Replace) ? "c1.cg" : null;
    }

    // What was taken back is as it was, to the order of addresses; what had to be applied again looks the same.
    private string AsBefore(string when, string there, World world, bool undone)
    {
        var now = Witness.Of(world, _before);
        if (undone)
            Same(when, there, now);
        else
            Same($"{when}, and once more", Witness.WithoutHistory(there, _before), Witness.WithoutHistory(now, _before));
        return now;
    }

    // Without any one operation the kernel must show a difference: else it was not needed.
    private bool LeftOut(World world, ResourceSet a, ResourceSet b, int which)
    {
        var plan = world.Plan(b);
        if (World.Operations(plan) is not { Count: > 0 } operations)
            return true;
        var dropped = operations[which % operations.Count];
        // What several resources need is done by each of them: only all together can be left out.
        world.Dropped = [.. operations.Where(o => o.Text == dropped.Text)];
        var result = world.Apply(plan);
        world.Dropped = [];
        Assert.True(result.Outcome != ApplyOutcome.Done || MayBeByChance(dropped, operations), $"it converges without: {dropped.Text} ({dropped.Field})");
        // What is in use without its mark is a stranger's and in the way, as is a second one; a kernel that says so has marked and removed.
        if (result.Outcome != ApplyOutcome.RolledBack && (dropped is LinkSetAlias or CgroupRemove or CgroupDisable || (dropped is CgroupMark && (IsRoot(dropped) || dropped.Object.EndsWith(".ctr", StringComparison.Ordinal)))))
            world.Perform(dropped);
        return Back(world, a, result);
    }

    private static bool IsRoot(Operation operation) => !operation.Object.Contains('/', StringComparison.Ordinal);

    private bool MayBeByChance(Operation dropped, IReadOnlyList<Operation> all) => dropped switch
    {
        // Whether a bridge follows the MTU of its ports the kernel does not show.
        LinkSetMtu => true,
        // The instance's root is no resource: the next creation marks it.
        CgroupMark => IsRoot(dropped),
        // What nothing needs is no difference to any resource; it is one to a clean host.
        CgroupDisable => true,
        // With a controller that is disabled later go its limits.
        { Field: { } field } when all.OfType<CgroupDisable>().Any(d => d.Controllers.Any(c => field.Contains(c, StringComparison.Ordinal))) => true,
        // The look after an apply is at where the new one is; a kernel that says so has removed the old one.
        CgroupRemove => true,
        // A secondary address goes with its primary, unless the host promotes it (net.ipv4.conf.*.promote_secondaries).
        AddressDelete one => all.OfType<AddressDelete>().Any(o => o != one && o.Link == one.Link && o.Text.Contains('.', StringComparison.Ordinal)),
        // A new cgroup of v1 starts with a copy of what the one above has, which may be what is asked for.
        _ => !features.Unified && dropped.Field?.Contains("cpuset.", StringComparison.Ordinal) == true,
    };

    // Whatever fails, all is as it was, or what is left is told.
    private static bool Refused(World world, ResourceSet a, ResourceSet b, int which)
    {
        var plan = world.Plan(b);
        if (World.Operations(plan) is not { Count: > 0 } operations)
            return true;
        var refused = operations[which % operations.Count];
        var kept = Kept(world, plan);
        world.Refused = refused;
        var result = world.Apply(plan);
        Assert.True(world.Refused is null, $"{refused.Text} was not tried: {World.Describe(result)}");
        Assert.True(result.Outcome is ApplyOutcome.RolledBack or ApplyOutcome.Partial, $"{refused.Text} failed: {World.Describe(result)}");
        Assert.Contains(result.Failures, f => ReferenceEquals(f.Operation, refused));
        Assert.Equal(kept, Witness.Containers(world).Where(c => kept.ContainsKey(c.Key)).ToDictionary());
        if (result.Outcome == ApplyOutcome.Partial)
            Assert.True(result.NotRestored.IsEmpty && result.UndoFailures.IsEmpty && result.Broke is null, $"{refused.Text} failed: {World.Describe(result)}");
        return Back(world, a, result);
    }

    private static bool Back(World world, ResourceSet a, ApplyResult result)
    {
        Assert.True(result.NotRestored.IsEmpty && result.Broke is null, World.Describe(result));
        if (result.Outcome == ApplyOutcome.RolledBack)
            world.AssertNothingToDo(a);
        else
            world.Converge(a);
        return result.Outcome == ApplyOutcome.RolledBack;
    }

    /// <summary>The processes of the containers that keep them.</summary>
    private static Dictionary<string, int> Kept(World world, PlanResult plan)
    {
        var touched = plan.Plan.Changes.Where(static c => c.Operations.Any(static o => o is ContainerStart or ContainerStop or ContainerRemove)).Select(static c => c.Id.Name).ToHashSet();
        return Witness.Containers(world).Where(c => !touched.Contains(c.Key)).ToDictionary();
    }

    private static void Removed(World world, Strangers strangers, string theirs)
    {
        // What others have in a Cgroup keeps it from being removed, so they leave first.
        Same("strangers", theirs, strangers.Picture());
        strangers.Leave();
        world.Destroy();
        Gone(world);
    }

    private static void Gone(World world)
    {
        Assert.Empty(world.Instance.CgroupDirectories());
        Assert.Equal(
            [.. StateGen.Ports.SelectMany(static p => (string[])[p, $"{p}p"]), "lo"],
            world.Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!).Order(StringComparer.Ordinal).ToArray());
    }

    private static void Same(string when, string expected, string actual)
    {
        if (expected == actual)
            return;
        var (then, now) = (expected.Split('\n'), actual.Split('\n'));
        Assert.Fail($"{when}:\n{string.Join('\n', then.Except(now).Select(static l => $"- {l}").Concat(now.Except(then).Select(static l => $"+ {l}")))}");
    }
}
