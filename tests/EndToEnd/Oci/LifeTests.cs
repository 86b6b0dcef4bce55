namespace Provision.EndToEnd.Oci;

/// <summary>The life of a container by the commands of an OCI runtime (runtime.md).</summary>
public sealed class LifeTests : OciLab
{
    [RootFact]
    public void Create_ABundle_WaitsWithAllDoneUntilItIsStarted()
    {
        var id = NewId();
        Configure("echo $$ started >/tmp/said; exec sleep 100000", static c => c["root"]!["readonly"] = false);

        var pid = Create(id);

        var created = State(id);
        Assert.Equal("created", created.GetProperty("status").GetString());
        Assert.Equal(pid, created.GetProperty("pid").GetInt32());
        Assert.Equal(Bundle, created.GetProperty("bundle").GetString());
        // Nothing of the host's is open, and everything that it will be it is.
        Assert.Equal(4, Directory.GetFiles($"/proc/{pid}/fd").Length);
        Assert.Equal("0000000020000420", ProcStatus(pid, "CapEff"));
        Assert.False(File.Exists($"{Root}/tmp/said"));

        Oci("start", id).Succeeded();

        Until(() => File.Exists($"{Root}/tmp/said") && File.ReadAllText($"{Root}/tmp/said").Length > 0, "it says so");
        Assert.Equal("1 started\n", File.ReadAllText($"{Root}/tmp/said"));
        Assert.Equal("running", Status(id));
        Assert.Equal(pid, State(id).GetProperty("pid").GetInt32());
    }

    [RootFact]
    public void Commands_OutOfTurn_FailAsTheSpecificationWants()
    {
        var id = NewId();
        Configure("sleep 100000");
        Assert.NotEqual(0, Oci("state", id).ExitCode);
        Assert.NotEqual(0, Oci("start", id).ExitCode);
        Assert.NotEqual(0, Oci("kill", id, "TERM").ExitCode);
        Assert.NotEqual(0, Oci("delete", id).ExitCode);
        Oci("delete", "--force", id).Succeeded();
        var pid = Create(id);

        Assert.Contains("exists", Oci("create", "--bundle", Bundle, id).Exited(1).Err, StringComparison.Ordinal);
        Assert.True(Directory.Exists($"/proc/{pid}"));
        Oci("delete", id).Exited(1);
        Oci("start", id).Succeeded();
        Oci("start", id).Exited(1);
        Assert.Contains("not stopped", Oci("delete", id).Exited(1).Err, StringComparison.Ordinal);
        Oci("kill", id, "KILL").Succeeded();
        Until(() => Status(id) == "stopped", "it is stopped");
        Assert.Contains("not running", Oci("kill", id, "KILL").Exited(1).Err, StringComparison.Ordinal);
        Oci("start", id).Exited(1);
        Oci("exec", id, "/bin/true").Exited(1);
        Oci("delete", id).Succeeded();
        Assert.Contains("does not exist", Oci("state", id).Exited(1).Err, StringComparison.Ordinal);
        Oci("delete", id).Exited(1);
    }

    [RootFact]
    public void Run_AProcess_PassesStreamsAndStatusAndLeavesNothing()
    {
        var id = NewId();
        Configure("cat; echo error >&2; exit 7");

        var result = RuntimeWith("provision", "given\n", "run", "--bundle", Bundle, id).Exited(7);

        Assert.Equal("given\n", result.Out);
        Assert.Equal("error\n", result.Err);
        Assert.Empty(Oci("list", "-q").Succeeded().Out);
    }

    [RootFact]
    public void Kill_BySignalNameOrNumber_IsWhatTheProcessGets()
    {
        foreach (var signal in new[] { "USR1", "SIGUSR1", "10" })
        {
            var id = NewId();
            Configure("trap 'echo got >/tmp/got; exit 0' USR1; echo up >/tmp/up; while :; do sleep 1; done", static c => c["root"]!["readonly"] = false);
            Create(id);
            Oci("start", id).Succeeded();
            Until(() => File.Exists($"{Root}/tmp/up"), "it is up");

            Oci("kill", id, signal).Succeeded();

            Until(() => Status(id) == "stopped", "it ended");
            Assert.Equal("got\n", File.ReadAllText($"{Root}/tmp/got"));
            File.Delete($"{Root}/tmp/got");
            File.Delete($"{Root}/tmp/up");
            Oci("delete", id).Succeeded();
        }

        Assert.NotEqual(0, Oci("kill", "nobody", "NOSUCH").ExitCode);
    }

    [RootFact]
    public void PauseAndResume_ARunningContainer_AreSeenInItsState()
    {
        var id = NewId();
        Configure("exec sleep 100000");
        Create(id);
        Oci("start", id).Succeeded();

        Oci("pause", id).Succeeded();
        Assert.Equal("paused", Status(id));
        Oci("resume", id).Succeeded();
        Assert.Equal("running", Status(id));
        Oci("pause", id).Succeeded();
        Oci("delete", "--force", id).Succeeded();

        Oci("state", id).Exited(1);
    }

    [RootFact]
    public void Delete_Forced_EndsAllThatRunsInIt()
    {
        var id = NewId();
        Configure("sleep 100001 & trap '' TERM; sleep 100002; true");
        var pid = Create(id);
        Oci("start", id).Succeeded();
        Until(() => Oci("ps", "-f", "json", id).Succeeded().Json.GetArrayLength() == 3, "all run");

        Oci("delete", "-f", id).Succeeded();

        Until(() => !Directory.Exists($"/proc/{pid}"), "it is gone");
        Oci("state", id).Exited(1);
    }
}
