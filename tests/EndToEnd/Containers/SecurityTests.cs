using System.Text.Json;

namespace Provision.EndToEnd.Containers;

/// <summary>SecurityProfiles from manifest to kernel: seen by /proc/PID/status and by what is refused inside.</summary>
public sealed class SecurityTests : ContainerLab
{
    private const string NoDirectories =
        """{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}""";

    private static string Profile(string spec) =>
        $"apiVersion: provision/v1\nkind: SecurityProfile\nmetadata: {{name: web}}\nspec: {spec}\n---\n";

    private static string Sleeper(string more = "security: web") => ContainerManifests.Shell("sleep 1000000", more);

    private static string Label(int pid) => File.ReadAllText($"/proc/{pid}/attr/current").TrimEnd('\0', '\n');

    private static Dictionary<string, string> ProcStatus(int pid) => File.ReadAllLines($"/proc/{pid}/status")
        .Select(static l => l.Split(':', 2)).ToDictionary(static l => l[0], static l => l[1].Trim());

    [RootTheory]
    [InlineData("docker-default.json")]
    [InlineData("podman-default.json")]
    public void Apply_PeoplesProfile_ConfinesTheProcessAndPlansEmpty(string file)
    {
        Lab.Write(file, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Profiles", file)));
        var path = Lab.Write("web.yaml", Profile($"{{seccomp: {{file: {file}}}, capabilities: {{keep: [CAP_KILL]}}, require: [seccomp]}}") + Sleeper());

        Lab.Apply(path);

        var status = ProcStatus(Pid(path)!.Value);
        Assert.Equal(("2", "1", "1"), (status["Seccomp"], status["Seccomp_filters"], status["NoNewPrivs"]));
        Assert.All(["CapBnd", "CapPrm", "CapEff"], set => Assert.Equal("0000000000000020", status[set]));
        Assert.All(["CapInh", "CapAmb"], set => Assert.Equal("0000000000000000", status[set]));
        Assert.Empty(Lab.Plan(0, path).Actions());
        var drift = Lab.Drift(0, path);
        Assert.Contains(drift.GetProperty("unchecked").EnumerateArray(), static u => u.GetProperty("resource").GetString() == "SecurityProfile/web");
        Assert.Equal("Current", Profiles(path).GetProperty("state").GetString());
        Assert.Equal("permission denied (are you root?)", Refusal("mount", "-t", "tmpfs", "none", "/mnt"));
    }

    [RootFact]
    public void Exec_OfWhatAProfileDenies_IsRefusedWithItsError()
    {
        Lab.Write("calls.json", NoDirectories);
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper());
        Lab.Apply(path);

        Assert.Equal("Operation not supported", Refusal("mkdir", "/tmp/x"));
        var inside = Inside("grep", "-E", "Seccomp:|CapBnd", "/proc/self/status").Succeeded().Out;
        var first = ProcStatus(Pid(path)!.Value);
        Assert.Contains($"CapBnd:\t{first["CapBnd"]}", inside, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", inside, StringComparison.Ordinal);
    }

    [RootFact]
    public void Plan_ChangedFile_ReplacesAndSaysWhichCalls()
    {
        Lab.Write("calls.json", NoDirectories);
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper());
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("calls.json", NoDirectories.Replace("\"mkdirat\"", "\"mkdirat\", \"rmdir\""));

        var plan = Lab.Plan(2, path);

        Assert.Equal(["Container/web-1 replace"], plan.Actions());
        var field = plan.Change("Container/web-1").Field("security.seccomp.syscalls");
        Assert.Equal(("pending", "a running process cannot be confined anew"), (field.GetProperty("cause").GetString(), field.GetProperty("reason").GetString()));
        Assert.Matches(@"^\(1 rule for 2 calls, sha256:[0-9a-f]{12}\)$", field.GetProperty("from").GetString());
        Assert.Contains("rmdir ALLOW → ERRNO EOPNOTSUPP", Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);
        Lab.Drift(0, path);
        Lab.Apply(path);
        Lab.Plan(0, path);
        Assert.NotEqual(pid, Pid(path));
        Assert.Equal("Operation not supported", Refusal("rmdir", "/tmp"));
    }

    // The file lies beside the manifest that is named, not in a directory that is.
    [RootFact]
    public void Agent_ChangedFile_ReplacesTheContainer()
    {
        Lab.Write("calls.json", NoDirectories);
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper());
        using var agent = Lab.Start("agent", "-f", path);
        Eventually("the agent starts the container", () => Pid(path) is not null);
        var pid = Pid(path)!.Value;

        Lab.Write("calls.json", NoDirectories.Replace("\"mkdirat\"", "\"mkdirat\", \"rmdir\""));

        Eventually("it is another process", () => Pid(path) is { } now && now != pid);
        Eventually("all is as declared", () => Lab.Run("plan", "-f", path).ExitCode == 0);
        agent.Signal("TERM");
        agent.Wait(TimeSpan.FromSeconds(120)).Exited(0);
    }

    [RootFact]
    public void Plan_ProfileRenamedOrLaidOutAnew_ChangesNothing()
    {
        Lab.Write("calls.json", NoDirectories);
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper());
        Lab.Apply(path);
        var pid = Pid(path);

        Lab.Write("other.json", NoDirectories.Replace(",", ",\n").Replace("\"mkdir\",\n \"mkdirat\"", "\"mkdirat\", \"mkdir\""));
        Lab.Write("web.yaml", Profile("{seccomp: {file: other.json}}").Replace("name: web", "name: renamed") + Sleeper("security: renamed"));

        Assert.Empty(Lab.Plan(0, path).Actions());
        Assert.Equal(pid, Pid(path));
    }

    [RootFact]
    public void Apply_OfASavedPlan_NeedsTheFileNoMore()
    {
        var file = Lab.Write("calls.json", NoDirectories);
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper());
        var saved = Path.Combine(Lab.Directory.Path, "saved.plan");
        Lab.Run("plan", "-f", path, "--out", saved).Exited(2);
        File.Delete(file);

        Lab.Run("apply", saved).Succeeded();

        Assert.Equal("Operation not supported", Refusal("mkdir", "/tmp/x"));
    }

    [RootFact]
    public void Export_OfAProfiledContainer_PlansEmptyWithoutTheProfile()
    {
        Lab.Write("calls.json", NoDirectories);
        Lab.Apply(Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}") + Sleeper()));

        var exported = Lab.Write("exported.yaml", Lab.Run("export").Succeeded().Out);

        Assert.Contains("- mkdirat", File.ReadAllText(exported), StringComparison.Ordinal);
        Assert.Empty(Lab.Plan(0, exported).Actions());
    }

    [RootFact]
    public void Require_OfALayerThatIsMissing_Is6BeforeAnythingIsChanged()
    {
        var path = Lab.Write("web.yaml", Profile("{require: [apparmor]}") + Sleeper());

        foreach (var command in (string[][])[["validate", "--host"], ["plan"], ["apply", "--auto-approve"]])
        {
            var told = Lab.Run([.. command, "-f", path]).Exited(6).Err;
            Assert.Contains("web.yaml:4:", told, StringComparison.Ordinal);
            Assert.Matches("the layer apparmor, which it requires, is not on: .*/sys/module/apparmor/parameters/enabled", told);
        }

        Assert.Contains("FeatureMissing", Lab.Run("status", "-f", path, "-o", "json").Exited(0).Out, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    /// <summary>Readers wear a filter that refuses the question; it is asked before.</summary>
    [RootFact]
    public void Plan_ThatRequiresLandlock_FindsItWhereTheKernelHasIt()
    {
        var path = Lab.Write("web.yaml", Profile("{require: [landlock]}") + Sleeper());
        // landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION): a version, or -1.
        var version = Command.Run("python3", ["-c", "import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))"]).Succeeded().Out;
        var has = int.Parse(version) > 0;

        Lab.Run("plan", "-f", path).Exited(has ? 2 : 6);
        Lab.Run("validate", "--host", "-f", path).Exited(has ? 0 : 6);
    }

    [RootFact]
    public void Apply_ProfileOfALayerThatIsMissing_RunsAndSaysSo()
    {
        var path = Lab.Write("web.yaml", Sleeper("security: {appArmor: {profile: web}}"));

        Assert.Contains("security.appArmor is without effect: AppArmor is not on", Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);
        Lab.Apply(path);

        Lab.Plan(0, path);
        Assert.Contains("without effect", Status(path).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(Lab.Drift(0, path).GetProperty("unchecked").EnumerateArray(),
            static u => u.GetProperty("field").GetString() == "security.appArmor" && u.GetProperty("why").GetString()!.StartsWith("AppArmor is not on", StringComparison.Ordinal));
    }

    [Trait("Needs", "selinux")]
    [RootFact]
    public void Apply_LevelAuto_GivesEachContainerCategoriesOfItsOwnForItsLife()
    {
        var labelled = Sleeper("security: {selinux: {type: unconfined_t}}");
        var path = Lab.Write("web.yaml", labelled + "---\n" + labelled.Replace("web-1", "web-2"));

        Lab.Apply(path);

        var (one, other) = (Label(Pid(path)!.Value), Label(Pid(path, "web-2")!.Value));
        Assert.All([one, other], static label => Assert.Matches(@"^system_u:system_r:unconfined_t:s0:c\d+,c\d+$", label));
        Assert.NotEqual(one, other);
        Assert.Empty(Lab.Plan(0, path).Actions());
        var pid = Pid(path)!.Value;
        Command.Run("/bin/kill", ["-KILL", pid.ToString()]).Succeeded();
        Eventually("it runs again", () => Pid(path) is { } now && now != pid);
        Assert.Equal(one, Label(Pid(path)!.Value));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Validate_BrokenFile_TellsItsOwnLine()
    {
        Lab.Write("calls.json", "{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\",\n  \"syscalls\": [\n    {\"names\": [\"moutn\"], \"action\": \"SCMP_ACT_ERRNO\"}\n  ]\n}\n");
        var path = Lab.Write("web.yaml", Profile("{seccomp: {file: calls.json}}"));

        var told = Lab.Run("validate", "-f", path).Exited(3);

        Assert.Contains("calls.json:4:16", told.Err, StringComparison.Ordinal);
        Assert.Matches(@"(?m)\{""names"": \[""moutn""\]", told.Err);
        Assert.Matches("did you mean mount", told.Err);
    }

    [RootFact]
    public void Apply_TheWorkedExample_RunsAsDeclared()
    {
        foreach (var file in (string[])["security.yaml", "security.json"])
            Lab.Write(file, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Examples", file)));
        var path = Path.Combine(Lab.Directory.Path, "security.yaml");

        Lab.Apply(path);

        Lab.Plan(0, path);
        var worker = ProcStatus(Pid(path, "worker")!.Value);
        Assert.All(["CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb"], set => Assert.Equal("0000000000000020", worker[set]));
        Assert.Equal("00000000000004c0", ProcStatus(Pid(path, "server")!.Value)["CapBnd"]);
    }

    private JsonElement Profiles(string path) => Lab.Run("status", "-f", path, "-o", "json").Succeeded().Json.GetProperty("resources").EnumerateArray()
        .Single(static r => r.GetProperty("resource").GetString() == "SecurityProfile/web");

    private CommandResult Inside(params string[] command) =>
        Lab.Netns.Run(Binary.Path, ["exec", "web-1", "--instance", Lab.Instance.Name, "--", "busybox", .. command]);

    /// <summary>Why busybox could not do something inside: the end of what it says.</summary>
    private string Refusal(params string[] command)
    {
        var result = Inside(command);
        Assert.True(result.ExitCode is > 0 and < 125, result.ToString());
        return result.Err.Trim().Split(": ")[^1].TrimEnd('.');
    }
}
