using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>What users ask the program about itself, driven through the binary.</summary>
public sealed class HelpTests : LabTest
{
    [RootFact]
    public void Explain_OfEveryFieldOfTheSchema_TellsItsPathAndADescription()
    {
        var definitions = Command.Run(Binary.Path, ["schema"]).Succeeded().Json.GetProperty("$defs");
        var fields = definitions.EnumerateObject().Where(static d => char.IsAsciiLetterUpper(d.Name[0]))
            .SelectMany(d => Fields(d.Value, d.Name)
                .Concat(Fields(definitions.GetProperty("metadata"), $"{d.Name}.metadata"))).Distinct().ToList();
        Assert.True(fields.Count > 60, $"{fields.Count} fields");

        foreach (var field in fields)
        {
            var lines = Command.Run(Binary.Path, ["explain", field]).Succeeded().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

            Assert.StartsWith(field, lines[0], StringComparison.Ordinal);
            Assert.True(lines.Length > 1 && lines[1].Trim().Length > 3, $"{field}: {string.Join('\n', lines)}");
        }
    }

    [RootTheory]
    [InlineData("Cgruop", "Cgroup")]
    [InlineData("Cgroup.memory.maxx", "max")]
    [InlineData("Bridge.prots", "ports")]
    public void Explain_OfNothing_SuggestsWhatWasMeant(string asked, string meant)
    {
        var result = Command.Run(Binary.Path, ["explain", asked]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(meant, result.Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Completion_InBash_OffersCommandsOptionsKindsAndFiles()
    {
        var script = Lab.Write("completion.bash", Command.Run(Binary.Path, ["completion", "bash"]).Succeeded().Out);
        Lab.Write("shop.yaml", Manifests.Shop);
        Command.Run("bash", ["-n", script]).Succeeded();

        Assert.Contains("apply", Offered("provision app", 1), StringComparison.Ordinal);
        Assert.Contains("--auto-approve", Offered("provision apply --auto", 2), StringComparison.Ordinal);
        Assert.Contains("Cgroup", Offered("provision explain Cg", 2), StringComparison.Ordinal);
        Assert.Contains("shop.yaml", Offered("provision apply -f sh", 3), StringComparison.Ordinal);

        string Offered(string line, int at) => Command.Run("bash", ["-c",
            $"cd {Lab.Directory.Path}; PATH={Path.GetDirectoryName(Binary.Path)}:$PATH; source {script}; COMP_WORDS=({line}); COMP_CWORD={at}; COMP_LINE='{line}'; COMP_POINT={line.Length}; _provision; printf '%s\\n' \"${{COMPREPLY[@]}}\""]).Succeeded().Out;
    }

    [RootTheory]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Completion_ForOtherShells_IsPrinted(string shell) =>
        Assert.Contains("provision", Command.Run(Binary.Path, ["completion", shell]).Succeeded().Out, StringComparison.Ordinal);

    [RootFact]
    public void Describe_OfAnAppliedResource_TellsMarkStateAndObject()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        var text = Lab.Run("describe", "Cgroup/web", "-f", path).Succeeded().Out;

        Assert.Contains("Cgroup/web", text, StringComparison.Ordinal);
        Assert.Contains("128Mi", text, StringComparison.Ordinal);
        Assert.Contains("web.cg", text, StringComparison.Ordinal);
        Assert.Contains("02:00:00:88:00:01", Lab.Run("describe", "Bridge/web0", "-f", path).Succeeded().Out, StringComparison.Ordinal);
        Lab.Run("describe", "Bridge/web0", "-f", path, "-o", "json").Succeeded().Json.GetProperty("schemaVersion");
        var missing = Lab.Run("describe", "Cgroup/nobody", "-f", path);
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("nobody", missing.Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Quiet_OfEveryCommandThatSucceeds_SaysNothing()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        foreach (var arguments in (string[][])
            [["validate", "-f", path], ["apply", "-f", path, "--auto-approve"], ["apply", "-f", path, "--auto-approve"], ["plan", "-f", path], ["drift", "-f", path], ["destroy", "--auto-approve"]])
        {
            var result = Lab.Run([.. arguments, "--quiet"]).Exited(0);
            Assert.True(result.Out + result.Err == "", result.ToString());
        }

        Assert.NotEmpty(Lab.Run("plan", "-f", path, "-o", "json", "--quiet").Exited(2).Out);
        Assert.NotEmpty(Lab.Run("apply", "-f", "/nowhere.yaml", "--auto-approve", "--quiet").Err);
    }

    [RootFact]
    public void Drift_AsJson_HasEveryMemberThatAuditorsRead()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        Lab.Netns.Ip("link set web0 mtu 1450");

        var drift = Lab.Drift(2, path);

        Assert.Equal("provision/drift/v1", drift.GetProperty("schemaVersion").GetString());
        foreach (var name in (string[])["rows", "checked", "unchecked", "exempt", "manifestDigest", "gitCommit", "tool", "host", "bootId", "kernel", "instance", "time", "reportDigest"])
            Assert.True(drift.TryGetProperty(name, out _), name);
        var row = Assert.Single(drift.GetProperty("rows").EnumerateArray());
        Assert.Equal(("Bridge/web0", "mtu", "kernel"), (row.GetProperty("resource").GetString(), row.GetProperty("path").GetString(), row.GetProperty("confidence").GetString()));
        Assert.Equal(("1400", "1450"), (row.GetProperty("expected").ToString(), row.GetProperty("actual").ToString()));
        Assert.Equal("rtnetlink", row.GetProperty("method").GetString());
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), drift.GetProperty("bootId").GetString());
        Assert.Equal(Lab.Instance.Name, drift.GetProperty("instance").GetString());
        // A member for each way of reading: cgroup v2 has limits in files, and devices in BPF programs.
        Assert.Equal(
            ["Bridge/web0", "Cgroup/shop", "Cgroup/web"],
            drift.GetProperty("checked").EnumerateArray().Select(static c => c.GetProperty("resource").GetString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(64, drift.GetProperty("reportDigest").GetString()!.Split(':')[^1].Length);
    }

    [RootFact]
    public void Export_OfEveryFieldOfBothKinds_PlansEmptyAndMakesTheSameAgain()
    {
        Lab.Netns.Ip("link add eth1 type veth peer name far1");
        var everything = Lab.Write("all.yaml",
            """
            apiVersion: provision/v1
            kind: Cgroup
            metadata: {name: batch}
            spec:
              cpu: {weight: 50, max: "1.5", period: 50ms}
              cpuset: {cpus: "0", mems: "0"}
              memory: {max: 512Mi}
              pids: {max: 512}
              devices: {default: deny, allow: [{path: /dev/null, access: rwm}, {type: char, major: 136, minor: "*", access: rw}]}
            ---
            apiVersion: provision/v1
            kind: Cgroup
            metadata: {name: nightly, labels: {tier: back}}
            spec: {parent: batch, cpu: {weight: 20, max: 50%}, memory: {max: 64Mi}}
            ---
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: lab, annotations: {owner: "net: team"}}
            spec:
              linkName: lab0
              addresses: [10.99.0.1/24, "fd00:99::1/64"]
              mtu: 1450
              macAddress: 02:00:00:99:00:01
              stp: {enabled: true, priority: 4096, forwardDelay: 4s, helloTime: 1s, maxAge: 6s}
              ageingTime: 60s
              multicastSnooping: false
              groupForwardMask: 8
              ports: [{link: eth1, hairpin: true, isolated: true, cost: 42, priority: 7}]

            """);
        Lab.Apply(everything);
        var before = Lab.Netns.IpJson("-d link show lab0")[0].GetProperty("linkinfo").GetProperty("info_data");
        var export = Lab.Run("export").Succeeded();
        Assert.Empty(export.Err);
        var exported = Lab.Write("exported.yaml", export.Out);

        Assert.Equal(3, Lab.Plan(0, exported).Summary("unchanged"));
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Lab.Apply(exported);
        Lab.Plan(0, everything);
        var after = Lab.Netns.IpJson("-d link show lab0")[0].GetProperty("linkinfo").GetProperty("info_data");
        foreach (var name in (string[])["forward_delay", "hello_time", "max_age", "ageing_time", "stp_state", "priority", "mcast_snooping", "group_fwd_mask"])
            Assert.Equal(before.GetProperty(name).ToString(), after.GetProperty(name).ToString());
    }

    private static IEnumerable<string> Fields(JsonElement schema, string path)
    {
        foreach (var inner in Alternatives(schema))
        {
            if (inner.TryGetProperty("items", out var items))
                foreach (var field in Fields(items, path))
                    yield return field;
            if (!inner.TryGetProperty("properties", out var properties))
                continue;
            foreach (var property in properties.EnumerateObject())
            {
                yield return $"{path}.{property.Name}";
                foreach (var field in Fields(property.Value, $"{path}.{property.Name}"))
                    yield return field;
            }
        }
    }

    private static IEnumerable<JsonElement> Alternatives(JsonElement schema) =>
        schema.TryGetProperty("anyOf", out var any) ? any.EnumerateArray().Prepend(schema) : [schema];
}
