namespace Provision.EndToEnd.Containers;

/// <summary>AppArmor profiles of containers, on a host that has AppArmor: loaded by its own parser, seen in /proc, and held.</summary>
[Trait("Needs", "apparmor")]
public sealed class AppArmorTests : ContainerLab, IDisposable
{
    // Profiles are the host's own, not a namespace's: a name of this run.
    private readonly string _profile = $"provision-test-{Guid.NewGuid():N}";

    private string Labelled => ContainerManifests.Shell("sleep 1000000", $"security: {{appArmor: {{profile: {_profile}}}}}");

    void IDisposable.Dispose()
    {
        if (File.ReadAllText("/sys/kernel/security/apparmor/profiles").Contains(_profile, StringComparison.Ordinal))
            Parser("-R");
        Dispose();
    }

    [RootFact]
    public void Apply_LoadedProfile_ConfinesTheProgramAndWhatIsExecuted()
    {
        Parser("-a");
        var path = Lab.Write("web.yaml", Labelled);

        Lab.Apply(path);

        Assert.Equal($"{_profile} (enforce)", Current(Pid(path)!.Value));
        Assert.Empty(Lab.Plan(0, path).Actions());
        Assert.Equal($"{_profile} (enforce)\n", Inside("cat", "/proc/self/attr/apparmor/current").Succeeded().Out);
        Assert.Contains("Permission denied", Inside("cat", "/proc/version").Err, StringComparison.Ordinal);
        var drift = Lab.Drift(0, path);
        Assert.Contains(
            drift.GetProperty("checked").EnumerateArray(),
            static c => c.GetProperty("fields").EnumerateArray().Any(static f => f.GetString() == "security.appArmor.profile"));
    }

    [RootFact]
    public void Apply_WithoutAProfile_TheSameFileIsNotDenied()
    {
        Parser("-a");
        var path = Lab.Write("web.yaml", ContainerManifests.Shell("sleep 1000000"));

        Lab.Apply(path);

        Assert.Equal("unconfined", Current(Pid(path)!.Value));
        Assert.StartsWith("Linux version", Inside("cat", "/proc/version").Succeeded().Out, StringComparison.Ordinal);
    }

    [RootFact]
    public void Drift_ProfileUnloadedUnderTheProgram_IsFoundAndRepairedByAReplace()
    {
        Parser("-a");
        var path = Lab.Write("web.yaml", Labelled);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Parser("-R");

        var row = Assert.Single(Lab.Drift(2, path).GetProperty("rows").EnumerateArray());

        Assert.Equal(("security.appArmor.profile", _profile, "unconfined"), (row.GetProperty("path").GetString(), row.GetProperty("expected").GetString(), row.GetProperty("actual").GetString()));
        Parser("-a");
        Lab.Apply(path);
        Assert.NotEqual(pid, Pid(path)!.Value);
        Assert.Equal($"{_profile} (enforce)", Current(Pid(path)!.Value));
    }

    [RootFact]
    public void Apply_ProfileThatIsNotLoaded_IsRefusedWithItsNameAndNothingIsLeft()
    {
        var path = Lab.Write("web.yaml", Labelled);

        var told = Lab.Run("apply", "-f", path, "--auto-approve").Exited(5);

        Assert.Contains(_profile, told.Err, StringComparison.Ordinal);
        Assert.Contains("ENOENT", told.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    private static string Current(int pid) => File.ReadAllText($"/proc/{pid}/attr/apparmor/current").TrimEnd('\0', '\n');

    private CommandResult Inside(params string[] command) =>
        Lab.Netns.Run(Binary.Path, ["exec", "web-1", "--instance", Lab.Instance.Name, "--", "busybox", .. command]);

    private void Parser(string action)
    {
        var text = Lab.Write("profile",
            $$"""
            profile {{_profile}} flags=(attach_disconnected, mediate_deleted) {
              file,
              signal,
              capability,
              deny /proc/version r,
            }

            """);
        Command.Run("/usr/sbin/apparmor_parser", [action, "--skip-cache", text]).Succeeded();
    }
}
