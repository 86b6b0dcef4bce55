using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>Members of config.json and options of commands, by what the kernel says of the process.</summary>
public sealed class MemberTests : OciLab
{
    [RootFact]
    public void Process_ScheduledAndInAnotherDomain_IsSo()
    {
        var id = NewId();
        Configure("exec sleep 100000", static c =>
        {
            c["process"]!["scheduler"] = JsonNode.Parse("""{"policy": "SCHED_BATCH", "nice": 5, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}""");
            c["process"]!["ioPriority"] = JsonNode.Parse("""{"class": "IOPRIO_CLASS_BE", "priority": 6}""");
            c["linux"]!["personality"] = JsonNode.Parse("""{"domain": "LINUX32"}""");
        });

        var pid = Create(id);

        Assert.Equal("best-effort: prio 6\n", Command.Run("ionice", ["-p", $"{pid}"]).Succeeded().Out);
        Assert.Contains("SCHED_BATCH|SCHED_RESET_ON_FORK", Command.Run("chrt", ["-p", $"{pid}"]).Succeeded().Out, StringComparison.Ordinal);
        Assert.Equal("5", Command.Run("ps", ["-o", "ni=", "-p", $"{pid}"]).Succeeded().Out.Trim());
        Assert.Equal("00000008", File.ReadAllText($"/proc/{pid}/personality").Trim());
    }

    [RootFact]
    public void TimeOffsets_OfATimeNamespace_AreThoseOfTheProcess()
    {
        var id = NewId();
        Configure("cat /proc/uptime", static c =>
        {
            c["linux"]!["namespaces"]!.AsArray().Add(JsonNode.Parse("""{"type": "time"}"""));
            c["linux"]!["timeOffsets"] = JsonNode.Parse("""{"boottime": {"secs": 100000000}}""");
        });

        var result = Oci("run", "--bundle", Bundle, id);

        if (Environment.OSVersion.Version < new Version(6, 2))
        {
            Assert.Contains("before Linux 6.2", result.Exited(1).Err, StringComparison.Ordinal);
            return;
        }

        var inside = result.Succeeded().Out;
        Assert.True(double.Parse(inside.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) >= 100_000_000, inside);
    }

    [RootFact]
    public void Devices_ThatAreMadeAndNotAllowed_CannotBeUsed()
    {
        static void Tun(JsonObject config, string rules)
        {
            config["linux"]!["devices"] = JsonNode.Parse("""[{"path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200}]""");
            config["linux"]!["resources"] = new JsonObject { ["devices"] = JsonNode.Parse(rules) };
        }

        const string script = "stat -c %t:%T /dev/net/tun; : </dev/net/tun";
        Configure(script, static c => Tun(c, """[{"allow": false, "access": "rwm"}]"""));
        var denied = Oci("run", "--bundle", Bundle, NewId());
        Assert.Equal("a:c8\n", denied.Out);
        Assert.Contains("Operation not permitted", denied.Err, StringComparison.Ordinal);

        Configure(script, static c => Tun(c, """[{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "r"}]"""));
        var allowed = Oci("run", "--bundle", Bundle, NewId());
        Assert.Equal("a:c8\n", allowed.Out);
        // A kernel without tun has no such device.
        Assert.DoesNotContain("not permitted", allowed.Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Dev_ThatIsReadOnly_HasItsNodes()
    {
        Configure("stat -c %t:%T /dev/null; : >/dev/null; : >/dev/new", static c =>
        {
            var dev = c["mounts"]!.AsArray().First(static m => (string?)m!["destination"] == "/dev")!;
            dev["options"]!.AsArray().Add("ro");
        });

        var result = Oci("run", "--bundle", Bundle, NewId()).Exited(1);

        Assert.Equal("1:3\n", result.Out);
        Assert.Contains("Read-only file system", result.Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Environment_WithoutHome_GetsThatOfTheRootsUser()
    {
        File.WriteAllText($"{Root}/etc/passwd", "root:x:0:0::/of/root:/bin/sh\nme:x:1000:1000::/of/me:/bin/sh\nodd:x:1001:1001::../out:/bin/sh\n");
        foreach (var (user, home) in new[] { (0, "/of/root"), (1000, "/of/me"), (1001, "/"), (4242, "/") })
        {
            Configure("echo $HOME", c => c["process"]!["user"]!["uid"] = user);
            Assert.Equal(home + "\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        }

        var id = NewId();
        Configure("exec sleep 100000", static c => c["process"]!["env"]!.AsArray().Add("HOME=/own"));
        Create(id);
        Oci("start", id).Succeeded();
        Assert.Equal("/own\n", Oci("exec", id, "/bin/sh", "-c", "echo $HOME").Succeeded().Out);
        Oci("delete", "--force", id).Succeeded();

        // A root that nobody vouches for: what is no file there is not opened, and a link leads nowhere else.
        File.Delete($"{Root}/etc/passwd");
        Command.Run("mkfifo", [$"{Root}/etc/passwd"]).Succeeded();
        Configure("echo $HOME");
        Assert.Equal("/\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        File.Delete($"{Root}/etc/passwd");
        File.WriteAllText(At("passwd"), "root:x:0:0::/outside:/bin/sh\n");
        File.CreateSymbolicLink($"{Root}/etc/passwd", At("passwd"));
        Assert.Equal("/\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
    }

    [RootFact]
    public void WorkingDirectory_ThatIsMissing_IsMadeInsideTheRoot()
    {
        Configure("pwd", static c => c["process"]!["cwd"] = "/srv/of/it");
        Assert.Equal("/srv/of/it\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        Assert.True(Directory.Exists($"{Root}/srv/of/it"));

        File.CreateSymbolicLink($"{Root}/away", At("away"));
        Configure("pwd", static c => c["process"]!["cwd"] = "/away/deeper");
        Oci("run", "--bundle", Bundle, NewId());
        Assert.False(Directory.Exists(At("away")));
    }

    [RootFact]
    public void Sockets_HandedToTheRuntime_AreHandedOn()
    {
        var id = NewId();
        Configure("echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4");
        File.WriteAllText(At("three"), "three\n");
        File.WriteAllText(At("four"), "four\n");

        // Of three that are announced two are open.
        var result = Command.Run("/bin/sh", ["-c", $"exec 3<{At("three")} 4<{At("four")} 5<&-; LISTEN_FDS=3 exec \"$@\"", "sh", Binary.Path,
            "oci", "--root", At("provision"), "run", "--bundle", Bundle, id]).Succeeded();

        Assert.Equal("2 1\nthree\nfour\n", result.Out);
    }

    [RootFact]
    public void Update_ByOptions_SaysMoreThanAFile()
    {
        var id = NewId();
        Configure("exec sleep 100000", null, id);
        Create(id);
        Oci("start", id).Succeeded();
        File.WriteAllText(At("limits.json"), """{"pids": {"limit": 11}, "cpu": {"shares": 512}}""");

        Oci("update", "--resources", At("limits.json"), "--pids-limit", "22", id).Succeeded();

        Assert.Equal("22", File.ReadAllText(Files("pids.max", id)).Trim());
        Oci("update", "--memory", "100000000", id).Succeeded();
        var file = Files("memory.max", id) is { } unified && File.Exists(unified) ? unified : Files("memory.limit_in_bytes", id);
        Assert.Equal("99999744", File.ReadAllText(file).Trim());
        Assert.Contains("--memory", Oci("update", id).Exited(1).Err, StringComparison.Ordinal);
        Oci("update", "--memory", "64m", id).Succeeded();
        Assert.Equal("67108864", File.ReadAllText(file).Trim());
        Oci("update", "--memory", "64m", "--memory-swap", "128m", id).Succeeded();
        Oci("update", "--memory", "-1", id).Succeeded();
        Assert.Contains(File.ReadAllText(file).Trim(), (string[])["max", "9223372036854771712"]);
        Assert.Contains("whole number", Oci("update", "--memory", "1x", id).Exited(1).Err, StringComparison.Ordinal);
        Assert.Contains("whole number", Oci("update", "--memory", "99999999t", id).Exited(1).Err, StringComparison.Ordinal);

        // The quota that is there is more than the period that comes allows, and the other way round.
        foreach (var (period, quota) in new[] { (100_000, 50_000), (10_000, 3_000), (500_000, 400_000) })
            Oci("update", "--cpu-period", $"{period}", "--cpu-quota", $"{quota}", id).Succeeded();
        Assert.Equal("400000", File.ReadAllText(Files("cpu.max", id) is { Length: > 0 } both ? both : Files("cpu.cfs_quota_us", id)).Split(' ')[0].Trim());
    }

    [RootFact]
    public void Capability_ThatNobodyKnows_IsPassedOverAndTold()
    {
        Configure("true", static c => c["process"]!["capabilities"]!["bounding"]!.AsArray().Add("CAP_OF_TOMORROW"));

        Assert.Contains("passed over: process.capabilities.bounding[3]: CAP_OF_TOMORROW", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Spec_AsItIsProposed_RunsAShell()
    {
        var root = Path.Combine(Bundle, "rootfs");
        Assert.True(Directory.Exists(root));
        Oci("spec", "--bundle", Bundle).Succeeded();
        Assert.Contains("EEXIST", Oci("spec", "--bundle", Bundle).Exited(1).Err, StringComparison.Ordinal);

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Bundle, "config.json")))!;
        config["process"]!["terminal"] = false;
        config["process"]!["args"] = new JsonArray("sh", "-c", "echo $$; id -u");
        config["linux"]!["cgroupsPath"] = $"/{Group}/spec";
        File.WriteAllText(Path.Combine(Bundle, "config.json"), config.ToJsonString());
        Assert.Equal("1\n0\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
    }

    [RootFact]
    public void Options_OfACommand_AreToldAndWrongOnesEndIt()
    {
        Assert.Contains("--pid-file VALUE", Oci("create", "--help").Succeeded().Out, StringComparison.Ordinal);
        Assert.Contains("text or json", Oci("--log-format", "xml", "list").Exited(1).Err, StringComparison.Ordinal);
        Assert.Contains("--log ", Oci("--log", At("no/such/log"), "list").Exited(1).Err, StringComparison.Ordinal);
    }

    private string Files(string name, string id) =>
        ((string[])["/sys/fs/cgroup", .. Directory.GetDirectories("/sys/fs/cgroup")]).Select(h => $"{h}/{Group}/{id}/{name}").FirstOrDefault(File.Exists) ?? "";
}
