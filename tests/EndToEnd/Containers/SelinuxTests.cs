namespace Provision.EndToEnd.Containers;

/// <summary>
/// The host's SELinux and containers under Provision's own module, seen by semodule(8), ps(1) and selinuxfs. A policy takes
/// half a minute to build under emulation, so what needs the module is one test.
/// </summary>
[Trait("Needs", "selinux")]
public sealed class SelinuxTests : ContainerLab
{
    private const string Enforce = "/sys/fs/selinux/enforce", Domain = "provision_container_t", Files = "provision_container_file_t";

    private static string Policy(string spec) => $"apiVersion: provision/v1\nkind: SelinuxPolicy\nmetadata: {{name: host}}\nspec: {spec}\n---\n";

    [RootFact]
    public void Apply_TheBuiltInModule_ConfinesContainersAndGoesWithTheResource()
    {
        Assert.Equal("1", File.ReadAllText(Enforce));
        var (shared, secret) = (Lab.Write("shared", "shared\n"), Lab.Write("secret", "secret\n"));
        Chcon("system_u:object_r:shadow_t:s0", secret);
        var confined = ContainerManifests.Shell("sleep 1000000",
            $"mounts: [{{type: tmpfs, target: /mnt}}, {{source: {shared}, target: /srv/shared}}, {{source: {secret}, target: /srv/secret}}]\n  dependsOn: [SelinuxPolicy/host]\n  security: {{selinux: {{type: {Domain}}}}}");
        var free = confined.Replace($"security: {{selinux: {{type: {Domain}}}}}", "oomScoreAdj: 0").Replace("web-1", "web-3");
        var path = Lab.Write("web.yaml", Policy("{mode: enforcing, modules: [{name: provision}]}") + confined + "---\n" + confined.Replace("web-1", "web-2") + "---\n" + free);

        Lab.Apply(path);

        Assert.Contains(Installed(), static l => l.StartsWith("400 provision ", StringComparison.Ordinal));
        var (one, other) = (Label(path, "web-1"), Label(path, "web-2"));
        Assert.All([one, other], static label => Assert.Matches(@"^system_u:system_r:provision_container_t:s0:c\d+,c\d+$", label));
        Assert.NotEqual(one, other);
        Assert.Empty(Lab.Plan(0, path).Actions());
        Lab.Drift(0, path);

        // What it may: its own memory, its root's top, terminals, devices.
        Assert.Equal("1\n", Inside("web-1", "echo 1 >/mnt/a && cat /mnt/a").Succeeded().Out);
        Inside("web-1", "echo 1 >/new && mkdir /dir && echo 2 >/dir/b && echo 3 >/dev/shm/c && echo 4 >/dev/null").Succeeded();
        Assert.Equal($"{one}\n", Inside("web-1", "cat /proc/self/attr/current; echo").Succeeded().Out.Replace("\0", "", StringComparison.Ordinal));
        Assert.Equal("0\n", Inside("web-1", "id -u").Succeeded().Out);

        // What the policy refuses to root, and what without it root may.
        Assert.Contains("Permission denied", Inside("web-1", "cat /srv/secret").Exited(1).Err, StringComparison.Ordinal);
        Assert.Equal("secret\n", Inside("web-3", "cat /srv/secret").Succeeded().Out);

        // A file of the other's categories.
        Chcon($"system_u:object_r:{Files}:{Level(other)}", shared);
        Assert.Equal("shared\n", Inside("web-2", "cat /srv/shared").Succeeded().Out);
        Assert.Contains("Permission denied", Inside("web-1", "cat /srv/shared").Exited(1).Err, StringComparison.Ordinal);

        // Not while somebody lives by it.
        var alone = Lab.Write("alone.yaml", confined.Replace("dependsOn: [SelinuxPolicy/host]", "") + "---\n" + confined.Replace("dependsOn: [SelinuxPolicy/host]", "").Replace("web-1", "web-2") + "---\n" + free.Replace("dependsOn: [SelinuxPolicy/host]", ""));
        var refused = Lab.Run("apply", "-f", alone, "--prune", "--auto-approve");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("EBUSY", refused.Err, StringComparison.Ordinal);
        Assert.Contains(Installed(), static l => l.StartsWith("400 provision ", StringComparison.Ordinal));

        Lab.Run("destroy", "--auto-approve").Succeeded();
        Assert.DoesNotContain(Installed(), static l => l.StartsWith("400 ", StringComparison.Ordinal));
    }

    [RootFact]
    public void Apply_ModeAndBooleans_AreSetAndForeignChangesAreDrift()
    {
        var name = File.Exists("/sys/fs/selinux/booleans/allow_ptrace") ? "allow_ptrace" : Path.GetFileName(Directory.EnumerateFiles("/sys/fs/selinux/booleans").First());
        var before = Boolean(name);
        var path = Lab.Write("host.yaml", Policy($"{{mode: permissive, booleans: {{{name}: {(before ? "false" : "true")}}}}}"));
        try
        {
            Assert.Equal(["SelinuxPolicy/host update"], Lab.Plan(2, path).Actions());
            Assert.Equal("1", File.ReadAllText(Enforce));

            Lab.Run("apply", "-f", path, "--auto-approve").Succeeded();

            Assert.Equal(("0", !before), (File.ReadAllText(Enforce), Boolean(name)));
            Assert.Empty(Lab.Plan(0, path).Actions());
            Command.Run("/usr/sbin/setenforce", ["1"]).Succeeded();
            Command.Run("/usr/sbin/setsebool", [name, before ? "1" : "0"]).Succeeded();
            var rows = Lab.Drift(2, path).GetProperty("rows").EnumerateArray().Select(static r => (r.GetProperty("path").GetString(), r.GetProperty("actual").ToString())).ToList();
            Assert.Contains(("mode", "enforcing"), rows);
            Assert.Contains(rows, r => r.Item1 == $"booleans[{name}]");
            Lab.Run("apply", "-f", path, "--auto-approve").Succeeded();
            Assert.Equal(("0", !before), (File.ReadAllText(Enforce), Boolean(name)));
        }
        finally
        {
            Command.Run("/usr/sbin/setenforce", ["1"]).Succeeded();
            Command.Run("/usr/sbin/setsebool", [name, before ? "1" : "0"]).Succeeded();
        }
    }

    [RootFact]
    public void Apply_ModuleThatDoesNotBuild_ChangesNothing()
    {
        var path = Lab.Write("host.yaml", Policy("{modules: [{name: provisiontest, source: {cil: \"(allow no_such_type_t self (process (fork)))\"}}]}"));

        var told = Lab.Run("apply", "-f", path, "--auto-approve").Exited(5);

        Assert.Contains("semanage_commit policy module provisiontest", told.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(Installed(), static l => l.Contains("provisiontest", StringComparison.Ordinal));
        Assert.Equal("1", File.ReadAllText(Enforce));
    }

    [RootFact]
    public void Apply_FileContexts_LabelsWhatDiffersAndFindsWhatSomebodyRelabels()
    {
        var file = Lab.Write("page", "page\n");
        var folder = Path.GetDirectoryName(file)!;
        var path = Lab.Write("host.yaml", Policy($"{{fileContexts: [{{path: {folder}, type: usr_t}}]}}"));

        Lab.Run("apply", "-f", path, "--auto-approve").Succeeded();

        Assert.All([folder, file], static f => Assert.Equal("system_u:object_r:usr_t:s0", FileLabel(f)));
        Assert.Empty(Lab.Plan(0, path).Actions());
        Chcon("system_u:object_r:etc_t:s0", file);
        var row = Assert.Single(Lab.Drift(2, path).GetProperty("rows").EnumerateArray());
        Assert.Equal(($"fileContexts[{folder}].type", "etc_t"), (row.GetProperty("path").GetString(), row.GetProperty("actual").GetString()));
        Lab.Run("apply", "-f", path, "--auto-approve").Succeeded();
        Assert.Equal("system_u:object_r:usr_t:s0", FileLabel(file));
    }

    private static string FileLabel(string file) => Command.Run("/usr/bin/stat", ["-c", "%C", file]).Succeeded().Out.Trim();

    private static bool Boolean(string name) => File.ReadAllText($"/sys/fs/selinux/booleans/{name}").StartsWith('1');

    private static string[] Installed() => Command.Run("/usr/sbin/semodule", ["-lfull"]).Succeeded().Out.Split('\n');

    private static void Chcon(string label, string file) => Command.Run("/usr/bin/chcon", [label, file]).Succeeded();

    private static string Level(string label) => label.Split(':', 4)[3];

    private string Label(string path, string name) =>
        Command.Run("/bin/ps", ["-o", "label=", "-p", Pid(path, name)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Succeeded().Out.Trim();

    private CommandResult Inside(string name, string line) =>
        Lab.Netns.Run(Binary.Path, ["exec", name, "--instance", Lab.Instance.Name, "--", "busybox", "sh", "-c", line]);
}
