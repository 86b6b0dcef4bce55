using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>Hooks inside: in the container's namespaces before the pivot, and in the container before its process.</summary>
public sealed class HookTests : OciLab
{
    [RootFact]
    public void CreateContainer_AMountOnTheRoot_IsTheContainersAndNotTheHosts()
    {
        var id = NewId();
        Configure("cat /tmp/by-hook", c => c["hooks"] = Hooks("createContainer", "/bin/sh",
            $"mount -t tmpfs hook {Root}/tmp && {{ cat; echo; uname -n; readlink /proc/self/ns/net; ls {Root}/proc/self/exe; }} >{Root}/tmp/by-hook"));

        var result = Oci("run", "--bundle", Bundle, id).Succeeded().Out.Split('\n');

        var state = JsonNode.Parse(result[0])!;
        Assert.Equal((id, "creating", Bundle), ((string?)state["id"], (string?)state["status"], (string?)state["bundle"]));
        Assert.Equal((string?)JsonNode.Parse(File.ReadAllText(Path.Combine(Bundle, "config.json")))!["hostname"], result[1]);
        Assert.NotEqual(new FileInfo("/proc/self/ns/net").LinkTarget, result[2]);
        // Everything is mounted by then.
        Assert.Equal($"{Root}/proc/self/exe", result[3]);
        Assert.False(File.Exists($"{Root}/tmp/by-hook"));
        Assert.DoesNotContain(Bundle, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [RootFact]
    public void StartContainer_AProgramOfTheRoot_RunsAtTheStartWithTheContainersRights()
    {
        var id = NewId();
        Configure("cat /tmp/by-hook", c =>
        {
            c["root"]!["readonly"] = false;
            c["process"]!["env"]!.AsArray().Add("FROM=container");
            c["hooks"] = Hooks("startContainer", "/bin/sh", "{ cat; echo; echo $$ $FROM; cat /proc/self/status | while read name value; do [ $name != CapEff: ] || echo $value; done; } >/tmp/by-hook");
        });
        Oci("create", "--bundle", Bundle, id).Succeeded();
        Assert.False(File.Exists($"{Root}/tmp/by-hook"));

        Oci("start", id).Succeeded();

        var said = File.ReadAllLines($"{Root}/tmp/by-hook");
        Assert.Equal("created", (string?)JsonNode.Parse(said[0])!["status"]);
        Assert.Matches(@"\A\d+ container\z", said[1]);
        Assert.Equal("0000000020000420", said[2]);
    }

    [RootTheory]
    [InlineData("createContainer", "create")]
    [InlineData("startContainer", "start")]
    [InlineData("poststart", "start")]
    public void Hook_ThatFails_EndsTheCommandAndTheContainer(string moment, string command)
    {
        var id = NewId();
        Configure("exec sleep 100000", c => c["hooks"] = Hooks(moment, "/bin/sh", "echo no way >&2; exit 3"));
        if (command == "start")
            Create(id);

        var result = command == "start" ? Oci("start", id) : Oci("create", "--bundle", Bundle, id);

        Assert.Contains("hook /bin/sh", result.Exited(1).Err, StringComparison.Ordinal);
        Assert.Contains("exit status 3: no way", result.Err, StringComparison.Ordinal);
        Assert.Contains("does not exist", Oci("state", id).Exited(1).Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Hook_WithoutAnEnvironment_HasThatOfTheRuntime()
    {
        var id = NewId();
        Configure("true", c => c["hooks"] = Hooks("prestart", "/bin/sh", $"echo $OF_THE_CALLER >{At("said")}"));

        Command.Run("env", ["OF_THE_CALLER=yes", Binary.Path, "oci", "--root", At("provision"), "run", "--bundle", Bundle, id]).Succeeded();

        Assert.Equal("yes\n", File.ReadAllText(At("said")));
    }

    private static JsonObject Hooks(string moment, string path, string line) => new()
    {
        [moment] = new JsonArray(new JsonObject { ["path"] = path, ["args"] = new JsonArray("sh", "-c", line) }),
    };
}
