using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>Where mounts go in a root as it comes, and whose their files are.</summary>
public sealed class MountTests : OciLab
{
    [RootFact]
    public void Bind_OnALinkThatEndsNowhere_MakesWhatItNamesInsideTheRoot()
    {
        File.WriteAllText(At("resolv"), "nameserver\n");
        // As images have it: to a file of a tmpfs that is mounted before, out of the root, and round in circles.
        File.CreateSymbolicLink($"{Root}/etc/resolv.conf", "../run/resolve/stub.conf");
        File.CreateSymbolicLink($"{Root}/etc/away", "../../../../../../" + At("made"));
        File.CreateSymbolicLink($"{Root}/etc/round", "round");
        Directory.CreateDirectory($"{Root}/run");
        Configure("cat /etc/resolv.conf /run/resolve/stub.conf /etc/away", c =>
        {
            c["root"]!["readonly"] = false;
            Mount(c, """{"destination": "/run", "type": "tmpfs", "source": "tmpfs"}""");
            Mount(c, $$"""{"destination": "/etc/resolv.conf", "type": "bind", "source": "{{At("resolv")}}", "options": ["bind", "ro"]}""");
            Mount(c, $$"""{"destination": "/etc/away", "type": "bind", "source": "{{At("resolv")}}", "options": ["bind", "ro"]}""");
        });

        Assert.Equal("nameserver\nnameserver\nnameserver\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        Assert.False(File.Exists(At("made")));
        Assert.True(File.Exists(Root + At("made")));

        Configure("true", c => Mount(c, $$"""{"destination": "/etc/round", "type": "bind", "source": "{{At("resolv")}}", "options": ["bind"]}"""));
        Assert.Contains("ELOOP", Oci("run", "--bundle", Bundle, NewId()).Exited(1).Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Target_WrittenInAnyWay_IsThePathThatItNames()
    {
        File.WriteAllText(At("file"), "found\n");
        Configure("cat /a/c", c => Mount(c, $$"""{"destination": "//a//b/../c", "type": "bind", "source": "{{At("file")}}", "options": ["bind"]}"""));

        Assert.Equal("found\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
    }

    [RootFact]
    public void Bind_WithMapsOfItsOwn_HasOtherOwnersInside()
    {
        File.WriteAllText(At("file"), "");
        Command.Run("chown", ["0:0", At("file")]).Succeeded();
        Configure("stat -c %u:%g /file", c => Mount(c, $$"""
            {"destination": "/file", "type": "bind", "source": "{{At("file")}}", "options": ["bind"],
             "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}], "gidMappings": [{"containerID": 0, "hostID": 2000, "size": 10}]}
            """));

        Assert.Equal("1000:2000\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        Assert.Equal("0:0\n", Command.Run("stat", ["-c", "%u:%g", At("file")]).Succeeded().Out);
    }

    [RootFact]
    public void Bind_MappedAsTheContainer_ShowsTheHostsRootAsItsOwn()
    {
        File.WriteAllText(At("file"), "");
        // The place: in a root of another's nothing can be made by who is mapped.
        File.WriteAllText($"{Root}/file", "");
        Command.Run("chmod", ["-R", "o+rX", At("")]).Succeeded();
        void User(JsonObject c, string options)
        {
            c["linux"]!["namespaces"]!.AsArray().Add(JsonNode.Parse("""{"type": "user"}"""));
            foreach (var map in new[] { "uidMappings", "gidMappings" })
                c["linux"]![map] = JsonNode.Parse("""[{"containerID": 0, "hostID": 100000, "size": 65536}]""");
            Mount(c, $$"""{"destination": "/file", "type": "bind", "source": "{{At("file")}}", "options": [{{options}}]}""");
        }

        Configure("stat -c %u:%g /file", c => User(c, "\"bind\""));
        Assert.Equal("65534:65534\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
        Configure("stat -c %u:%g /file", c => User(c, "\"bind\", \"idmap\""));
        Assert.Equal("0:0\n", Oci("run", "--bundle", Bundle, NewId()).Succeeded().Out);
    }

    private static void Mount(JsonObject config, string mount) => config["mounts"]!.AsArray().Add(JsonNode.Parse(mount));
}
