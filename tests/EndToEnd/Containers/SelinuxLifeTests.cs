namespace Provision.EndToEnd.Containers;

/// <summary>SELinux over time: what the agent is told, what a policy leaves behind, and labels that outlive processes.</summary>
[Trait("Needs", "selinux")]
public sealed class SelinuxLifeTests : ContainerLab
{
    private const string Enforce = "/sys/fs/selinux/enforce", Domain = "provision_container_t", Cil = "(type provision_test_t)";

    private static string Policy(string spec, string more = "") => $"apiVersion: provision/v1\nkind: SelinuxPolicy\nmetadata: {{name: host{more}}}\nspec: {spec}\n";

    [RootFact]
    public void Agent_ModeAndBooleanChangedByHand_AreRepairedAsTheKernelTellsOfIt()
    {
        var name = Path.GetFileName(Directory.EnumerateFiles("/sys/fs/selinux/booleans").Order(StringComparer.Ordinal).First());
        var before = Boolean(name);
        Lab.Write("set/host.yaml", Policy($"{{mode: enforcing, booleans: {{{name}: {(before ? "false" : "true")}}}}}"));
        // Nothing is looked at again but for what the kernel tells, and that it tells in the first network namespace alone.
        using var agent = new RunningCommand(new System.Diagnostics.ProcessStartInfo(
            Binary.Path, ["agent", "-f", Path.Combine(Lab.Directory.Path, "set"), "--resync", "86400", "--instance", Lab.Instance.Name]));
        try
        {
            Eventually("the agent applies at its start", () => Boolean(name) != before);

            Command.Run("/usr/sbin/setenforce", ["0"]).Succeeded();
            Eventually("the mode is repaired", static () => File.ReadAllText(Enforce) == "1");
            Command.Run("/usr/sbin/setsebool", [name, before ? "1" : "0"]).Succeeded();
            Eventually("the boolean is repaired", () => Boolean(name) != before);

            agent.Signal("TERM");
            agent.Wait(TimeSpan.FromMinutes(2)).Exited(0);
        }
        finally
        {
            Command.Run("/usr/sbin/setenforce", ["1"]).Succeeded();
            Command.Run("/usr/sbin/setsebool", [name, before ? "1" : "0"]).Succeeded();
        }
    }

    [RootFact]
    public void Orphan_ExportedAndPruned_StaysWithoutAMark()
    {
        var path = Lab.Write("host.yaml", Policy($"{{modules: [{{name: provisiontest, source: {{cil: \"{Cil}\"}}}}]}}", ", deletionPolicy: Orphan")
            + "---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: kept}\nspec: {}\n");
        try
        {
            Lab.Apply(path);
            var exported = Lab.Run("export", "SelinuxPolicy/host").Succeeded().Out;
            Assert.Contains("provisiontest", exported, StringComparison.Ordinal);
            Assert.Contains(Cil, exported, StringComparison.Ordinal);
            Assert.Contains("Orphan", exported, StringComparison.Ordinal);
            Assert.Empty(Lab.Plan(0, Lab.Write("exported.yaml", exported)).Actions());

            Lab.Write("host.yaml", "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: kept}\nspec: {}\n");
            Assert.Contains("Orphan", Lab.Run("apply", "-f", path, "--prune", "--auto-approve").Succeeded().Out, StringComparison.Ordinal);

            Assert.Contains(Installed(), static l => l.StartsWith("400 provisiontest ", StringComparison.Ordinal));
            Assert.DoesNotContain("SelinuxPolicy", Lab.Run("get").Succeeded().Out, StringComparison.Ordinal);
            Assert.Empty(Lab.Plan(0, path, "--prune").Actions());
        }
        finally
        {
            Command.Run("/usr/sbin/semodule", ["-X", "400", "-r", "provisiontest"]);
        }
    }

    [RootFact]
    public void Categories_OverRestartsOfContainerAndSupervisor_AreKept()
    {
        var container = ContainerManifests.Shell("sleep 1000000", $"dependsOn: [SelinuxPolicy/host]\n  security: {{selinux: {{type: {Domain}}}}}");
        var path = Lab.Write("web.yaml", Policy("{modules: [{name: provision}]}") + "---\n" + container);
        Lab.Apply(path);
        var (pid, label) = (Pid(path)!.Value, Label(path));
        Assert.Matches($@"^system_u:system_r:{Domain}:s0:c\d+,c\d+$", label);

        Lab.Run("restart", "web-1").Succeeded();
        Eventually("it runs anew", () => Pid(path) is { } now && now != pid);
        Assert.Equal(label, Label(path));

        var supervisor = File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs")).Trim();
        pid = Pid(path)!.Value;
        Command.Run("kill", ["-KILL", supervisor]).Succeeded();
        Eventually("the supervisor is gone", () => !Directory.Exists($"/proc/{supervisor}"));
        Lab.Run("restart", "web-1").Succeeded();
        Eventually("it runs anew", () => Pid(path) is { } now && now != pid);
        Assert.Equal(label, Label(path));
        Assert.Empty(Lab.Plan(0, path).Actions());

        // That the module is lived by is said before anything is tried.
        var alone = Lab.Write("alone.yaml", container.Replace("dependsOn: [SelinuxPolicy/host]", ""));
        Assert.Contains($"({label})", Lab.Run("plan", "-f", alone, "--prune").Exited(2).Err, StringComparison.Ordinal);
    }

    private static bool Boolean(string name) => File.ReadAllText($"/sys/fs/selinux/booleans/{name}").StartsWith('1');

    private static string[] Installed() => Command.Run("/usr/sbin/semodule", ["-lfull"]).Succeeded().Out.Split('\n');

    private string Label(string path) =>
        Command.Run("/bin/ps", ["-o", "label=", "-p", Pid(path)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Succeeded().Out.Trim();
}
