namespace Provision.EndToEnd;

/// <summary>The kernel says no in mid-apply: for the moment, which is tried again, or for good, which is taken back.</summary>
public sealed class KernelRefusalTests : LabTest
{
    private static readonly string Changed = Manifests.Shop
        .Replace("128Mi", "96Mi").Replace("pids: {max: 64}", "pids: {max: 32}\n  cpu: {weight: 300}")
        .Replace("fd00:88::1/64", "fd00:88::2/64").Replace("mtu: 1400", "mtu: 1300\n  stp: {enabled: true}");

    [RootTheory]
    [InlineData("mkdirat", "EBUSY", "1..2")]
    [InlineData("mkdirat", "EBUSY", "12")]
    [InlineData("mkdirat", "EAGAIN", "18..20")]
    [InlineData("fsetxattr", "EBUSY", "2")]
    [InlineData("sendto", "ENOBUFS", "5..6")]
    [InlineData("sendto", "ENOBUFS", "8")]
    [InlineData("sendto", "EINTR", "5..9")]
    public void Create_RefusedForTheMoment_IsTriedAgain(string call, string errno, string when)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        Lab.RunWithFault(call, $"error={errno}", when, ["apply", "-f", path, "--auto-approve"]).Exited(0);

        Assert.Equal(128L << 20, new LiveCgroup(Lab, "shop.cg/web.cg").MemoryMax);
        Assert.Equal(["10.88.0.1/24", "fd00:88::1/64"], Lab.Netns.Addresses("web0"));
        Lab.Plan(0, path);
    }

    [RootTheory]
    [InlineData("mkdirat", "EBUSY")]
    [InlineData("mkdirat", "ENOSPC")]
    [InlineData("fsetxattr", "ENOSPC")]
    [InlineData("fsetxattr", "EPERM")]
    [InlineData("sendto", "ENOBUFS")]
    [InlineData("write", "EINVAL")]
    public void Create_RefusedForGoodAtAnyPlace_LeavesNothing(string call, string errno)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        string[] apply = ["apply", "-f", path, "--auto-approve"];
        var sites = Injection.Changes(Lab, apply).Where(s => s.Name == call).ToList();
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Assert.NotEmpty(sites);

        foreach (var site in sites.Where(s => !OnlyANote(s)))
        {
            var result = Refuse(site, errno, apply);

            Assert.True(result.ExitCode == 5, $"{site}\n{result}");
            Assert.Contains(errno, result.Err, StringComparison.Ordinal);
            Lab.AssertNothingLeft();
        }

        bool OnlyANote(CallSite s) => s.Name == "write" && (s == sites[0] || s == sites[^2] || s == sites[^1]); // the lock's holder, the record, the lock's release
    }

    [RootTheory]
    [InlineData("fsetxattr", "ENOSPC")]
    [InlineData("sendto", "EPERM")]
    [InlineData("write", "EINVAL")]
    public void Update_RefusedForGoodAtAnyPlace_IsAsBefore(string call, string errno)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        string[] apply = ["apply", "-f", Lab.Write("changed.yaml", Changed), "--auto-approve"];
        Lab.Apply(path);
        // Once there and back: where others have cgroups too, a controller stays enabled at the top of cgroup v2.
        Lab.Run(apply).Exited(0);
        Lab.Apply(path);
        var before = Picture.Of(Lab);
        var sites = Injection.Changes(Lab, apply).Where(s => s.Name == call).ToList();
        Lab.Apply(path);
        Assert.NotEmpty(sites);

        foreach (var site in sites.Where(s => !OnlyANote(s)))
        {
            var result = Refuse(site, errno, apply);

            Assert.True(result.ExitCode == 5, $"{site}\n{result}");
            Assert.Contains(errno, result.Err, StringComparison.Ordinal);
            Assert.Equal(before, Picture.Of(Lab));
            Lab.Plan(0, path);
        }

        bool OnlyANote(CallSite s) => s.Name == "write" && (s == sites[0] || s == sites[^2] || s == sites[^1]);
    }

    [RootTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Create_AnswersOfTheKernelOverflow_ConvergesInTheNext(int place)
    {
        var path = Lab.Write("shop.yaml", Manifests.Bridge);
        Lab.Apply(path);
        Lab.Run("destroy", "--auto-approve").Exited(0);

        // Which of the receives brings an acknowledgement is not told apart: dumps are repeated, answers waited for.
        Lab.RunWithFault("recvfrom", "error=ENOBUFS", $"{place}+5", ["apply", "-f", path, "--auto-approve"]);

        Lab.Run("apply", "-f", path, "--auto-approve").Exited(0);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Destroy_RefusedForGoodAtAnyPlace_TellsWhatIsLeftAndIsFinishedByTheNext()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        string[] destroy = ["destroy", "--auto-approve"];
        Lab.Apply(path);
        var before = Picture.Of(Lab);
        var sites = Injection.Changes(Lab, destroy).Where(static s => s.Name == "unlinkat").ToList();

        foreach (var site in sites)
        {
            Lab.Apply(path);
            var result = Refuse(site, "EBUSY", destroy);

            // 5 promises that nothing is gone; as soon as something is, it must be 4.
            Assert.Contains(result.ExitCode, (int[])[4, 5]);
            Assert.Contains("EBUSY", result.Err, StringComparison.Ordinal);
            if (result.ExitCode == 5)
                Assert.Equal(Names(before), Names(Picture.Of(Lab)));
            Lab.Run(destroy).Exited(0);
            Lab.AssertNothingLeft();
        }
    }

    [RootTheory]
    [InlineData("error=EPERM")]
    [InlineData("signal=KILL")]
    public void Destroy_OfManyBridgesCutShort_IsFinishedByTheNext(string fault)
    {
        var path = Lab.Write("many.yaml", Manifests.ManyBridges(6));
        string[] destroy = ["destroy", "--auto-approve"];
        Lab.Apply(path);
        var sites = Injection.Changes(Lab, destroy).Where(static s => s.Name == "sendto").ToList();
        Assert.NotEmpty(sites);

        foreach (var site in sites)
        {
            Lab.Apply(path);
            var result = Lab.RunWithFault(site, fault, destroy);
            Assert.Contains(result.ExitCode, (int[])[4, 5, 137]);
            if (result.ExitCode == 5)
                Lab.Plan(0, path);
            Lab.Apply(path);
            Lab.Plan(0, path);
            Lab.Run(destroy).Exited(0);
            Lab.AssertNothingLeft();
        }
    }

    // Which cgroups and links there are: indexes and values of what was made anew may differ.
    private static string[] Names(string picture) =>
        [.. picture.Split('\n').Where(static l => l.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal) && !l.Contains('{'))];

    // From this call on five times or more, so that trying again does not help; the way back is open again.
    private CommandResult Refuse(CallSite at, string errno, string[] arguments) =>
        Lab.RunWithFault(at.Name, $"error={errno}", errno is "EBUSY" or "ENOBUFS" ? $"{at.Place}..{at.Place + 6}" : $"{at.Place}", arguments);
}
