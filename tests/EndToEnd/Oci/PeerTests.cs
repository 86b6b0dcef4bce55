using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>The same bundle by crun and by us: what the kernel says of the process, and what the runtimes say of mistakes.</summary>
public sealed class PeerTests : OciLab
{
    private static readonly string[] Fields =
        ["Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Umask", "SigBlk", "SigCgt"];

    private static readonly string[] Everybody = ["bounding", "effective", "permitted", "inheritable", "ambient"];

    public static TheoryData<string> Cases => ["proposed", "user", "ambient", "none", "filtered", "shared", "limits"];

    [RootTheory]
    [MemberData(nameof(Cases))]
    public void Process_OfABundle_IsWhatThePeerMakes(string name)
    {
        var seen = new Dictionary<string, (string Status, string Mounts, string Limits, string Inside)>();
        foreach (var runtime in new[] { "crun", "provision" })
        {
            var id = NewId();
            Configure("exec sleep 100000", c => Change(c, name), id);
            var pid = Create(id, runtime);
            Runtime(runtime, "start", id).Succeeded();
            Until(() => File.ReadAllText($"/proc/{pid}/cmdline").StartsWith("sleep", StringComparison.Ordinal), $"{runtime}'s process runs");
            seen[runtime] = (
                string.Join('\n', File.ReadLines($"/proc/{pid}/status").Where(static l => Fields.Contains(l.Split(':')[0]))),
                Mounts(pid),
                File.ReadAllText($"/proc/{pid}/limits"),
                Inside(runtime, id));
            Runtime(runtime, "delete", "--force", id).Succeeded();
        }

        Assert.Equal(seen["crun"].Status, seen["provision"].Status);
        Assert.Equal(seen["crun"].Mounts, seen["provision"].Mounts);
        Assert.Equal(seen["crun"].Limits, seen["provision"].Limits);
        Assert.Equal(seen["crun"].Inside, seen["provision"].Inside);
    }

    private static void Change(JsonObject config, string name)
    {
        var process = config["process"]!.AsObject();
        switch (name)
        {
            case "user":
                process["user"] = JsonNode.Parse("""{"uid": 1000, "gid": 1001, "additionalGids": [5, 6], "umask": 7}""");
                break;
            case "ambient":
                process["user"] = JsonNode.Parse("""{"uid": 1000, "gid": 1000}""");
                foreach (var set in Everybody)
                    process["capabilities"]![set] = new JsonArray("CAP_NET_BIND_SERVICE", "CAP_KILL");
                break;
            case "none":
                foreach (var set in Everybody)
                    process["capabilities"]![set] = new JsonArray();
                process["noNewPrivileges"] = false;
                break;
            case "filtered":
                process["noNewPrivileges"] = false;
                config["linux"]!["seccomp"] = JsonNode.Parse("""{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]}""");
                break;
            case "shared":
                config["linux"]!["namespaces"] = JsonNode.Parse("""[{"type": "mount"}, {"type": "pid"}]""");
                config.Remove("hostname");
                foreach (var mount in config["mounts"]!.AsArray().Where(static m => (string?)m!["type"] is "cgroup" or "sysfs").ToList())
                    config["mounts"]!.AsArray().Remove(mount);
                break;
            case "limits":
                process["rlimits"] = JsonNode.Parse("""[{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615}]""");
                process["oomScoreAdj"] = 321;
                config["mounts"]!.AsArray().Add(JsonNode.Parse("""{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "noexec", "size=64k", "mode=700"]}"""));
                config["mounts"]!.AsArray().Add(JsonNode.Parse("""{"destination": "/etc/group", "type": "bind", "source": "/etc/group", "options": ["rbind", "ro", "nosuid", "nodev", "noatime"]}"""));
                config["root"]!["readonly"] = false;
                break;
        }
    }

    // What a mount is, whatever its number and the order of making; cgroup hierarchies are the peer's affair: it mounts
    // all there are, we those that the container is in.
    private static string Mounts(int pid) => string.Join('\n', File.ReadLines($"/proc/{pid}/mountinfo")
        .Select(static line => line.Split(' '))
        .Select(static f => (At: f[4], Of: $"{f[4]} {f[5]} {string.Join(' ', f[6..^3])} {f[^3]}"))
        .Where(static m => !m.At.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal) && !IsCovered(m.At))
        .Select(static m => m.Of).Order(StringComparer.Ordinal));

    // Masked: by what is each runtime's own choice.
    private static bool IsCovered(string path) => path.StartsWith("/proc/", StringComparison.Ordinal) || path == "/sys/firmware";

    private string Inside(string runtime, string id)
    {
        // /dev/core is of the peer's own making.
        const string script = "rm -f /dev/core; stat -c '%n %F %t:%T %a %u:%g' /dev/*; ls /proc/kcore /proc/keys >/dev/null; cat /proc/keys /proc/1/oom_score_adj; ls /sys/firmware; : >/proc/sys/kernel/domainname";
        var said = Runtime(runtime, "exec", id, "/bin/sh", "-c", script);
        return said.Out + said.Err;
    }

    [RootFact]
    public void Mistakes_OfABundle_EndTheCreationOfBoth()
    {
        var mistakes = new Dictionary<string, Action<JsonObject>>
        {
            ["command"] = static c => c["process"]!["args"] = new JsonArray("/no/such"),
            ["unfound"] = static c => c["process"]!["args"] = new JsonArray("nosuch"),
            ["directory"] = static c => c["process"]!["args"] = new JsonArray("/etc/passwd"),
            ["cwd"] = static c => { c["process"]!["cwd"] = "/etc/file"; },
            ["bind"] = static c => c["mounts"]!.AsArray().Add(JsonNode.Parse("""{"destination": "/a", "type": "bind", "source": "/no/such", "options": ["bind"]}""")),
            ["netns"] = static c => c["linux"]!["namespaces"]!.AsArray().Add(JsonNode.Parse("""{"type": "user", "path": "/no/such"}""")),
            ["root"] = static c => c["root"]!["path"] = "nowhere",
        };
        File.WriteAllText($"{Root}/etc/file", "");
        File.WriteAllText($"{Root}/etc/passwd", "");
        foreach (var (name, change) in mistakes)
            foreach (var runtime in new[] { "crun", "provision" })
            {
                var id = NewId();
                Configure("exec sleep 100000", change, id);

                var result = Runtime(runtime, "create", "--bundle", Bundle, id);

                Assert.True(result.ExitCode != 0, $"{name}: {result}");
                Assert.NotEqual(0, Runtime(runtime, "state", id).ExitCode);
                Runtime(runtime, "delete", "--force", id);
            }
    }
}
