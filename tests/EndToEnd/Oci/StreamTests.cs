using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>What a container gets of its caller, and what an engine reads.</summary>
public sealed class StreamTests : OciLab
{
    [RootFact]
    public void Exec_InARunningContainer_JoinsItAndTellsItsStatus()
    {
        var id = NewId();
        Configure("exec sleep 100000", static c => c["root"]!["readonly"] = false);
        var init = Create(id);
        Oci("start", id).Succeeded();
        Until(() => File.ReadAllText($"/proc/{init}/cmdline").StartsWith("sleep", StringComparison.Ordinal), "it runs");

        var result = Oci("exec", "--cwd", "/tmp", "--env", "A=b", "--user", "7:8", id, "/bin/sh", "-c", "echo $A $PWD; id -u; id -g; cat /proc/1/comm; exit 9").Exited(9);
        Assert.Equal("b /tmp\n7\n8\nsleep\n", result.Out);

        var process = JsonNode.Parse(File.ReadAllText(Path.Combine(Bundle, "config.json")))!["process"]!;
        process["args"] = new JsonArray("/bin/sleep", "100001");
        File.WriteAllText(At("process.json"), process.ToJsonString());
        Oci("exec", "--detach", "--pid-file", At("exec.pid"), "--process", At("process.json"), id).Succeeded();
        var pid = File.ReadAllText(At("exec.pid"));
        Assert.Equal(File.ReadAllText($"/proc/{init}/cgroup"), File.ReadAllText($"/proc/{pid}/cgroup"));
        foreach (var kind in new[] { "pid", "mnt", "net", "ipc", "uts", "cgroup" })
            Assert.Equal(new FileInfo($"/proc/{init}/ns/{kind}").LinkTarget, new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget);
        Assert.NotEqual(0, Oci("exec", id, "/no/such").ExitCode);
    }

    [RootFact]
    public void PreserveFds_ThoseThatAreOpen_AreTheContainersToo()
    {
        var id = NewId();
        Configure("cat <&3; cat <&4; ls /proc/self/fd | cat");
        File.WriteAllText(At("three"), "three\n");
        File.WriteAllText(At("four"), "four\n");
        string[] words = ["oci", "--root", At("provision"), "run", "--preserve-fds", "2", "--bundle", Bundle, id];

        var result = Command.Run("/bin/sh", ["-c", $"exec 3<{At("three")} 4<{At("four")}; exec \"$@\"", "sh", Binary.Path, .. words]).Succeeded();

        Assert.StartsWith("three\nfour\n0\n1\n2\n3\n4\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("descriptor 3 is not open", Command.Run("/bin/sh", ["-c", "exec 3<&-; exec \"$@\"", "sh", Binary.Path, .. words]).Exited(1).Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Hooks_AtEachMoment_GetTheStateAndAFailureEndsTheCreation()
    {
        var id = NewId();
        var log = At("hooks");
        JsonObject Hook(string moment, string more = "") => new()
        {
            ["path"] = "/bin/sh",
            ["args"] = new JsonArray("sh", "-c", $"{{ echo {moment} $A; cat; echo; }} >>{log}; {more}"),
            ["env"] = new JsonArray("A=b", "PATH=/bin:/usr/bin"),
            ["timeout"] = 120,
        };
        void Hooks(JsonObject config, string more) => config["hooks"] = new JsonObject
        {
            ["prestart"] = new JsonArray(Hook("prestart")),
            ["createRuntime"] = new JsonArray(Hook("createRuntime", more)),
            ["poststart"] = new JsonArray(Hook("poststart")),
            ["poststop"] = new JsonArray(Hook("poststop")),
        };
        Configure("exec sleep 100000", c => Hooks(c, ""), id);

        var pid = Create(id);
        var lines = File.ReadAllLines(log);
        Assert.Equal(["prestart b", "createRuntime b"], lines.Where(static l => !l.StartsWith('{')));
        Assert.All(lines.Where(static l => l.StartsWith('{')), l =>
        {
            var state = JsonNode.Parse(l)!;
            Assert.Equal((id, "creating", pid, Bundle), ((string?)state["id"], (string?)state["status"], (int)state["pid"]!, (string?)state["bundle"]));
        });
        Oci("start", id).Succeeded();
        Oci("delete", "--force", id).Succeeded();
        Assert.Equal(["prestart b", "createRuntime b", "poststart b", "poststop b"], File.ReadAllLines(log).Where(static l => !l.StartsWith('{')));

        Configure("exec sleep 100000", c => Hooks(c, "echo no way >&2; exit 3"), id);
        var refused = Oci("create", "--bundle", Bundle, id).Exited(1);
        Assert.Contains("exit status 3: no way", refused.Err, StringComparison.Ordinal);
        Oci("state", id).Exited(1);
    }

    [RootFact]
    public void ForEngines_VersionFeaturesAndLog_AreInTheirForm()
    {
        Assert.Matches(@"\Aprovision-oci version \S+\nspec: 1\.\d+\.\d+\n\z", Oci("--version").Succeeded().Out);
        var features = Oci("features").Succeeded().Json;
        Assert.Contains("pid", features.GetProperty("linux").GetProperty("namespaces").EnumerateArray().Select(static n => n.GetString()));
        var link = At("provision-oci");
        File.CreateSymbolicLink(link, Binary.Path);
        Assert.Equal(Oci("--version").Out, Command.Run(link, ["--version"]).Succeeded().Out);

        Configure("true", static c => c["linux"]!["cgroupsPath"] = "machine.slice:libpod:one");
        var refused = Oci("--log", At("log"), "--log-format", "json", "create", "--bundle", Bundle, NewId()).Exited(1);
        Assert.Contains("linux.cgroupsPath", refused.Err, StringComparison.Ordinal);
        var told = JsonNode.Parse(File.ReadAllLines(At("log")).Single())!;
        Assert.Equal("error", (string?)told["level"]);
        Assert.Contains("linux.cgroupsPath", (string?)told["msg"], StringComparison.Ordinal);
        Assert.Contains("systemd", Oci("--systemd-cgroup", "create", "--bundle", Bundle, NewId()).Exited(1).Err, StringComparison.Ordinal);
        Assert.Contains("did you mean", Oci("create", "--bundel", Bundle, "x").Exited(1).Err, StringComparison.Ordinal);
    }
}
