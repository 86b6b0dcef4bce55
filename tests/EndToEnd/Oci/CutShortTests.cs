using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>Commands and containers that are killed between two commands: nothing of them outlives <c>delete --force</c>.</summary>
public sealed class CutShortTests : OciLab
{
    [RootTheory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    public void Create_KilledAtAHook_LeavesWhatDeleteRemoves(string moment)
    {
        var id = NewId();
        Configure("exec sleep 100000", c => c["hooks"] = new JsonObject { [moment] = new JsonArray(Waiting()) }, id);

        KilledAtTheHook("create", "--bundle", Bundle, id);

        Assert.Contains("exists", Oci("create", "--bundle", Bundle, id).Exited(1).Err, StringComparison.Ordinal);
        Oci("delete", id).Exited(1);
        Oci("delete", "--force", id).Succeeded();
        AssertGone(id);
        Configure("exec sleep 100000", null, id);
        Create(id);
    }

    [RootFact]
    public void Start_KilledAtAHookOfTheContainers_LeavesItCreated()
    {
        var id = NewId();
        Configure("exec sleep 100000", c =>
        {
            c["hooks"] = new JsonObject { ["startContainer"] = new JsonArray(Waiting("/shared")) };
            c["mounts"]!.AsArray().Add(JsonNode.Parse($$"""{"destination": "/shared", "type": "bind", "source": "{{At("")}}", "options": ["rbind"]}"""));
        }, id);
        Create(id);

        KilledAtTheHook("start", id);

        Assert.Equal("created", Status(id));
        Oci("start", id).Succeeded();
        Assert.Equal("running", Status(id));
        Oci("delete", "--force", id).Succeeded();
        AssertGone(id);
    }

    [RootTheory]
    [InlineData("created")]
    [InlineData("running")]
    [InlineData("paused")]
    [InlineData("stopped")]
    public void Delete_ForcedInAnyState_LeavesNothing(string state)
    {
        var id = NewId();
        Configure("sleep 100001 & exec sleep 100000", null, id);
        var pid = Create(id);
        if (state != "created")
            Oci("start", id).Succeeded();
        if (state == "paused")
            Oci("pause", id).Succeeded();
        if (state == "stopped")
            Oci("kill", "--all", id, "KILL").Succeeded();
        Until(() => Status(id) == state, $"it is {state}");

        Oci("delete", "--force", id).Succeeded();

        Until(() => !Directory.Exists($"/proc/{pid}"), "its first process is gone");
        AssertGone(id);
    }

    [RootFact]
    public void Delete_Forced_SweepsByPidfdsAndNeedsNoCgroupKill()
    {
        var id = NewId();
        Configure("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do sleep 100000 & done; trap '' TERM; wait", static c =>
        {
            // Without a pid namespace, whose end would be everybody's.
            var namespaces = c["linux"]!["namespaces"]!.AsArray();
            namespaces.Remove(namespaces.First(static n => (string?)n!["type"] == "pid"));
        }, id);
        Create(id);
        Oci("start", id).Succeeded();
        Until(() => Oci("ps", "-f", "json", id).Succeeded().Json.GetArrayLength() >= 18, "all run");
        var trace = At("trace");

        Command.Run("strace", ["-f", "-qq", "-e", "trace=openat,openat2,pidfd_send_signal,kill", "-o", trace, Binary.Path, "oci", "--root", At("provision"), "delete", "--force", id]).Succeeded();

        Assert.DoesNotContain("cgroup.kill", File.ReadAllText(trace), StringComparison.Ordinal);
        Assert.True(File.ReadLines(trace).Count(static l => l.Contains("pidfd_send_signal(", StringComparison.Ordinal) && l.Contains("SIGKILL", StringComparison.Ordinal)) >= 18, File.ReadAllText(trace));
        Assert.DoesNotMatch(@"\bkill\(", File.ReadAllText(trace).Replace("pidfd_send_signal", "", StringComparison.Ordinal));
        AssertGone(id);
    }

    [RootFact]
    public void Life_OnAHostWithoutCgroup2_IsTheSame()
    {
        var id = NewId();
        Configure("sleep 100001 & exec sleep 100000", null, id);
        var pid = Create(id, WithoutV2);
        Runtime(WithoutV2, "start", id).Succeeded();
        Until(() => Runtime(WithoutV2, "ps", "-f", "json", id).Succeeded().Json.GetArrayLength() == 2, "both run");
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            Assert.DoesNotContain($"0::/{Group}", File.ReadAllText($"/proc/{pid}/cgroup"), StringComparison.Ordinal);
            Runtime(WithoutV2, "pause", id).Succeeded();
            Assert.Equal("paused", Status(id, WithoutV2));
        }

        Runtime(WithoutV2, "delete", "--force", id).Succeeded();

        Until(() => !Directory.Exists($"/proc/{pid}"), "its first process is gone");
        AssertGone(id);
    }

    [RootFact]
    public void Process_KilledWhileItWaits_IsStopped()
    {
        var id = NewId();
        Configure("exec sleep 100000", null, id);
        var pid = Create(id);

        Command.Run("kill", ["-KILL", $"{pid}"]).Succeeded();

        Until(() => Status(id) == "stopped", "it is stopped");
        Assert.Contains("it is stopped", Oci("start", id).Exited(1).Err, StringComparison.Ordinal);
        Oci("delete", id).Succeeded();
        AssertGone(id);
    }

    [RootFact]
    public void Delete_OfOneThatWasNeverStarted_EndsIt()
    {
        var id = NewId();
        Configure("exec sleep 100000", null, id);
        var pid = Create(id);

        Oci("delete", id).Succeeded();

        Until(() => !Directory.Exists($"/proc/{pid}"), "its process is gone");
        AssertGone(id);
    }

    [RootFact]
    public void Run_Killed_LeavesARunningContainerThatIsStillKnown()
    {
        var id = NewId();
        Configure("exec sleep 100000", null, id);
        using var run = Process.Start(Start("provision", ["run", "--bundle", Bundle, id]))!;
        Until(() => Oci("state", id).ExitCode == 0 && Status(id) == "running", "it runs");

        run.Kill();
        run.WaitForExit();

        Assert.Equal("running", Status(id));
        Oci("delete", "--force", id).Succeeded();
        AssertGone(id);
    }

    // Tells that it runs, and waits to be let go.
    private JsonObject Waiting(string? directory = null) => new()
    {
        ["path"] = "/bin/sh",
        ["args"] = new JsonArray("sh", "-c", $"d={directory ?? At("")}; : >$d/reached; while ! [ -e $d/over ]; do sleep 1; done"),
        ["env"] = new JsonArray("PATH=/bin:/usr/bin"),
    };

    private void KilledAtTheHook(params string[] words)
    {
        using var command = Process.Start(Start("provision", words))!;
        Until(() => File.Exists(At("reached")), "the hook runs");
        command.Kill();
        command.WaitForExit();
        File.WriteAllText(At("over"), "");
    }

    private void AssertGone(string id)
    {
        Assert.NotEqual(0, Oci("state", id).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(At("provision")));
        Assert.DoesNotContain(Bundle, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }));
    }
}
