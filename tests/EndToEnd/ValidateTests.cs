namespace Provision.EndToEnd;

public sealed class ValidateTests : LabTest
{
    [RootFact]
    public void Validate_GoodManifest_Is0() => Lab.Run("validate", "-f", Lab.Write("shop.yaml", Manifests.Shop)).Exited(0);

    [RootFact]
    public void Validate_Stdin_IsRead()
    {
        Lab.RunWith(Manifests.Shop, [], "validate", "-f", "-").Exited(0);
        Lab.RunWith("kind: [", [], "validate", "-f", "-").Exited(3);
    }

    [RootFact]
    public void Validate_UnknownKey_TellsWhereAndWhatWasMeant()
    {
        var path = Lab.Write("web.yaml",
            """
            apiVersion: provision/v1
            kind: Cgroup
            metadata: {name: web}
            spec:
              memory: {maxx: 1Mi}
            """);

        var said = Said(path, 3);

        Assert.Contains($"{path}:5:12", said, StringComparison.Ordinal);
        Assert.Matches(@"PV\d{4}", said);
        Assert.Contains("memory: {maxx: 1Mi}", said, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^[ |\d]*\^+", said);
        Assert.Matches("did you mean.*max", said);
    }

    [RootFact]
    public void Validate_ErrorsInSeveralFiles_AreAllTold()
    {
        Lab.Write("set/a.yaml", "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: a}\nspec: {pids: {max: -1}, memory: {max: 12parsecs}}\n");
        Lab.Write("set/b.yaml", "apiVersion: provision/v1\nkind: Cgruop\nmetadata: {name: b}\n");
        Lab.Write("set/c.yaml", "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: c..c}\n");

        var said = Said(Path.Combine(Lab.Directory.Path, "set"), 3);

        Assert.Contains("a.yaml:4:", said, StringComparison.Ordinal);
        Assert.Contains("12parsecs", said, StringComparison.Ordinal);
        Assert.Contains("b.yaml:2:", said, StringComparison.Ordinal);
        Assert.Contains("c.yaml:3:", said, StringComparison.Ordinal);
    }

    [RootTheory]
    [InlineData("a duplicate key", "kind: Cgroup\nmetadata: {name: a, name: a}\n")]
    [InlineData("a dangling reference", "kind: Cgroup\nmetadata: {name: a}\nspec: {parent: nobody}\n")]
    [InlineData("a cycle", "kind: Cgroup\nmetadata: {name: a}\nspec: {parent: b}\n---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: b}\nspec: {parent: a}\n")]
    [InlineData("a name too long for a link", "kind: Bridge\nmetadata: {name: a-bridge-with-a-long-name}\n")]
    [InlineData("one resource twice", "kind: Cgroup\nmetadata: {name: a}\n---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: a}\n")]
    [InlineData("one address twice", "kind: Bridge\nmetadata: {name: a}\nspec: {addresses: [10.0.0.1/24]}\n---\napiVersion: provision/v1\nkind: Bridge\nmetadata: {name: b}\nspec: {addresses: [10.0.0.1/24]}\n")]
    [InlineData("microseconds for CPUs", "kind: Cgroup\nmetadata: {name: a}\nspec: {cpu: {max: 50000}}\n")]
    [InlineData("an undefined variable", "kind: Cgroup\nmetadata: {name: a}\nspec: {pids: {max: \"${NOT_DEFINED_ANYWHERE}\"}}\n")]
    public void Validate_BrokenManifest_Is3AndChangesNothing(string what, string text)
    {
        var path = Lab.Write("broken.yaml", "apiVersion: provision/v1\n" + text);

        Assert.Matches(@"broken\.yaml:\d+:\d+", Said(path, 3) + what);
        Lab.Run("apply", "-f", path, "--auto-approve").Exited(3);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Validate_TwentyThousandLevels_IsAnErrorNotACrash() =>
        Said(Lab.Write("deep.yaml", "apiVersion: " + new string('[', 20_000) + new string(']', 20_000)), 3);

    [RootFact]
    public void Validate_ExponentialAliases_IsAnErrorAtOnce()
    {
        var bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 40).Select(static i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));

        Said(Lab.Write("bomb.yaml", bomb), 3);
    }

    [RootFact]
    public void Validate_FileThatIsNotThere_NamesIt() =>
        Assert.Contains("nowhere.yaml", Lab.Run("validate", "-f", "/nowhere.yaml").Err, StringComparison.Ordinal);

    [RootFact]
    public void ValidateHost_ManifestThatEveryHostCanDo_Is0AndNamesTheKernel()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        var report = Lab.Run("validate", "--host", "-f", path, "-o", "json").Exited(0).Json;

        Assert.True(report.GetProperty("valid").GetBoolean());
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), report.GetProperty("host").GetProperty("kernel").GetString());
        Lab.AssertNothingLeft();
    }

    [RootTheory]
    [InlineData("Bridge", "{vlanFiltering: true}")]
    [InlineData("Bridge", "{vlanDefaultPvid: 7}")]
    [InlineData("Bridge", "{multicastQuerier: true}")]
    [InlineData("Cgroup", "{memory: {high: 64Mi}}")]
    [InlineData("Cgroup", "{memory: {oomGroup: true}}")]
    [InlineData("Cgroup", "{cpuset: {partition: isolated}}")]
    [InlineData("Cgroup", "{io: {weight: 200}}")]
    [InlineData("Cgroup", "{pids: {max: 10}}")]
    public void ValidateHost_OfAnyFeature_SaysBeforehandWhatApplyWouldMeet(string kind, string spec)
    {
        // What a bridge of this kernel has shows in one that exists.
        Lab.Netns.Ip("link add some0 type bridge");
        var path = Lab.Write("one.yaml", $"apiVersion: provision/v1\nkind: {kind}\nmetadata: {{name: one}}\nspec: {spec}\n");

        var told = Lab.Run("validate", "--host", "-f", path, "-o", "json");
        var status = Lab.Run("status", "-f", path, "-o", "json").Exited(0).Out;
        var applied = Lab.Run("apply", "-f", path, "--auto-approve");

        Assert.True(told.ExitCode is 0 or 6, told.ToString());
        Assert.Equal(applied.ExitCode == 6 ? 6 : 0, told.ExitCode);
        Assert.Equal(told.ExitCode == 6, status.Contains("\"FeatureMissing\"", StringComparison.Ordinal));
        if (told.ExitCode == 6)
            Assert.All(told.Json.GetProperty("diagnostics").EnumerateArray().Where(static d => d.GetProperty("severity").GetString() == "error"),
                d => Assert.Equal((path, 4), (d.GetProperty("file").GetString(), d.GetProperty("line").GetInt32())));
    }

    [Trait("Needs", "cgroup-v1")]
    [RootFact]
    public void ValidateHost_FieldsOfCgroupV2OnV1_AreToldEachWithItsLine()
    {
        var path = Lab.Write("web.yaml",
            """
            apiVersion: provision/v1
            kind: Cgroup
            metadata: {name: web}
            spec:
              memory:
                max: 64Mi
                low: 1Mi
                high: 32Mi
              cpuset: {partition: root}
            """);

        var result = Lab.Run("validate", "--host", "-f", path).Exited(6);

        foreach (var at in (string[])["web.yaml:7:", "web.yaml:8:", "web.yaml:9:"])
            Assert.Contains(at, result.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("web.yaml:6:", result.Err, StringComparison.Ordinal);
        Assert.Contains("needs cgroup v2", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    private string Said(string path, int exitCode)
    {
        var result = Lab.Run("validate", "-f", path).Exited(exitCode);
        return result.Out + result.Err;
    }
}
