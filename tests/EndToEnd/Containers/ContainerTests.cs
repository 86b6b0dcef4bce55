namespace Provision.EndToEnd.Containers;

/// <summary>Containers from manifest to kernel and back, seen by /proc, ip and plain file reads.</summary>
public sealed class ContainerTests : ContainerLab
{
    private LiveCgroup Leaf => new(Lab, "shop.cg/web-1.ctr");

    [RootFact]
    public void Apply_Container_RunsUnderItsLimitsAndPlansEmpty()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);

        Lab.Apply(path);

        var pid = Pid(path)!.Value;
        Assert.Equal((64L << 20, 32L), (Leaf.MemoryMax, Leaf.PidsMax));
        Assert.Contains(pid.ToString(), File.ReadAllLines(Path.Combine(Lab.Instance.Unified("shop.cg/web-1.ctr"), "cgroup.procs")));
        Assert.Contains("busybox\0httpd", File.ReadAllText($"/proc/{pid}/cmdline"), StringComparison.Ordinal);
        Assert.Contains("10.88.0.2/24", InNetwork(pid, "ip", "-brief", "address", "show", "eth0").Succeeded().Out, StringComparison.Ordinal);
        Assert.Contains("Max open files            512                  1024", File.ReadAllText($"/proc/{pid}/limits"), StringComparison.Ordinal);
        Assert.Empty(Lab.Plan(0, path).Actions());
        Lab.Drift(0, path);
    }

    [RootFact]
    public void Apply_ManyContainers_StartsThemAllByOneSupervisor()
    {
        const int count = 20;
        var path = Lab.Write("many.yaml", string.Join("---\n", Enumerable.Range(1, count).Select(static i =>
            ContainerManifests.Shell("exec sleep 100000").Replace("web-1", $"web-{i}", StringComparison.Ordinal))));

        Lab.Apply(path);

        // One that comes second says so before it ends.
        Assert.DoesNotContain("another supervisor", File.ReadAllText($"{Lab.Instance.RunDirectory}/supervisor/messages"), StringComparison.Ordinal);
        for (var i = 1; i <= count; i++)
            Assert.Single(File.ReadAllLines(Path.Combine(Lab.Instance.Unified($"web-{i}.ctr"), "cgroup.procs")));
        Assert.Empty(Lab.Plan(0, path).Actions());
    }

    [RootFact]
    public void Apply_RootOfTheHost_ShowsNoPasswords()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell(
            "for at in /root /home /run/provision /var/lib/provision; do ls -A $at 2>/dev/null; done; cat /etc/shadow; echo end", "restart: {policy: Never}"));

        Lab.Apply(path);

        Eventually("it ends", () => Status(path).GetProperty("phase").GetString() == "Exited");
        Assert.Equal("end\n", Lab.Run("logs", "web-1").Succeeded().Out);
    }

    [RootFact]
    public void Drift_ForeignChanges_AreFoundAndRepairedWithTheSameProcess()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Leaf.PidsMax = 7;
        File.WriteAllText($"/proc/{pid}/oom_score_adj", "300");
        Command.Run("prlimit", ["--pid", pid.ToString(), "--nofile=100:1024"]).Succeeded();
        InNetwork(pid, "ip", "address", "add", "10.88.0.9/24", "dev", "eth0").Succeeded();
        Command.Run("nsenter", ["-t", pid.ToString(), "-u", "hostname", "other"]).Succeeded();

        var drifted = Lab.Plan(2, path).Change("Container/web-1");

        Assert.Equal(
            ["hostname", "networks[eth0].addresses[10.88.0.9/24]", "oomScoreAdj", "resources.pids.max", "rlimits.nofile.soft"],
            drifted.FieldPaths().Order(StringComparer.Ordinal));
        Assert.All(drifted.GetProperty("fields").EnumerateArray(), static f => Assert.Equal("drift", f.GetProperty("cause").GetString()));
        Lab.Apply(path);
        Lab.Plan(0, path);
        Assert.Equal(pid, Pid(path));
    }

    [RootFact]
    public void Apply_WhatCanChangeInPlace_KeepsTheProcess()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("web.yaml", ContainerManifests.Web
            .Replace("64Mi", "48Mi").Replace("soft: 512", "soft: 600").Replace("10.88.0.2/24", "10.88.0.3/24").Replace("initial: 10ms", "initial: 20ms")
            + "  hostname: www\n  oomScoreAdj: 5\n  logging: {maxFiles: 5}\n");

        Assert.Equal(["Container/web-1 update"], Lab.Plan(2, path).Actions());
        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Lab.Plan(0, path);
        Assert.Equal(48L << 20, Leaf.MemoryMax);
        Assert.Equal("5", File.ReadAllText($"/proc/{pid}/oom_score_adj").Trim());
        Assert.Equal("www", Command.Run("nsenter", ["-t", pid.ToString(), "-u", "hostname"]).Succeeded().Out.Trim());
        var addresses = InNetwork(pid, "ip", "-brief", "address", "show", "eth0").Succeeded().Out;
        Assert.Contains("10.88.0.3/24", addresses, StringComparison.Ordinal);
        Assert.DoesNotContain("10.88.0.2/24", addresses, StringComparison.Ordinal);
    }

    [RootFact]
    public void Apply_LimitsOfAllKinds_ShowInTheKernelWithTheSameProcess()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("web.yaml", ContainerManifests.Web.Replace("pids: {max: 32}", "pids: {max: 48}").Replace("soft: 512, hard: 1024}", "soft: 700, hard: 900}, core: {soft: 0, hard: 0}"));

        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Lab.Plan(0, path);
        Assert.Equal(48, Leaf.PidsMax);
        var limits = File.ReadAllText($"/proc/{pid}/limits");
        Assert.Matches(@"Max open files\s+700\s+900 ", limits);
        Assert.Matches(@"Max core file size\s+0\s+0 ", limits);
    }

    [RootFact]
    public void Apply_WhatTheSupervisorGoesBy_CountsForTheProcessThatRuns()
    {
        var before = ContainerManifests.Shell("trap '' TERM; while :; do seq 1 500; sleep 1; done", "restart: {policy: Never}\n  logging: {maxSize: 1Mi, maxFiles: 9}").Replace("timeout: 1s", "timeout: 10h");
        var path = Lab.Write("shell.yaml", before);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("shell.yaml", before.Replace("policy: Never", "policy: Always, backoff: {initial: 10ms}").Replace("maxSize: 1Mi, maxFiles: 9", "maxSize: 4Ki, maxFiles: 2").Replace("timeout: 10h", "timeout: 10ms"));

        Assert.All(Lab.Plan(2, path).Change("Container/web-1").GetProperty("fields").EnumerateArray(), static f => Assert.True(f.GetProperty("inPlace").GetBoolean()));
        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Lab.Plan(0, path);
        // The log: the second file is begun where the first is full, and there never is a third.
        var log = Path.Combine(Lab.Instance.StateDirectory, "logs", "web-1");
        Eventually("the log is cut anew", () => Directory.GetFiles(log).Count(static f => new FileInfo(f).Length > 0) >= 2 && Directory.GetFiles(log, "*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length) < 64 << 10);
        // The policy: nobody started it again before.
        Command.Run("/bin/kill", ["-KILL", pid.ToString()]).Succeeded();
        Eventually("it runs again", () => Pid(path) is { } now && now != pid);
        // The timeout: it takes no TERM, and ten hours nobody waits here.
        Lab.Run("stop", "web-1").Succeeded();
        Assert.Null(Pid(path));
    }

    [RootFact]
    public void Apply_WhatCannot_ReplacesAndSaysWhy()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("web.yaml", ContainerManifests.Web.Replace("\"80\"", "\"8080\""));

        var change = Lab.Plan(2, path).Change("Container/web-1");

        Assert.Equal("replace", change.GetProperty("action").GetString());
        Assert.Equal("it is given to the program when it starts", change.Field("args").GetProperty("reason").GetString());
        Lab.Apply(path);
        Lab.Plan(0, path);
        Assert.NotEqual(pid, Pid(path));
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [RootFact]
    public void Kill_OfItsProcess_IsAnsweredByTheRestartPolicyAlone()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;

        Command.Run("/bin/kill", ["-KILL", pid.ToString()]).Succeeded();

        Eventually("it runs again", () => Pid(path) is { } now && now != pid);
        Lab.Plan(0, path);
        var status = Status(path);
        Assert.Equal((1, 137), (status.GetProperty("restarts").GetInt32(), status.GetProperty("exitStatus").GetInt32()));
    }

    [RootFact]
    public void Running_False_StopsItAndTrueStartsItAgain()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Lab.Write("web.yaml", ContainerManifests.Web + "  running: false\n");

        Lab.Apply(path);

        Assert.False(Directory.Exists($"/proc/{pid}"));
        Lab.Plan(0, path);
        Lab.Write("web.yaml", ContainerManifests.Web);
        Assert.Equal(["running"], Lab.Plan(2, path).Change("Container/web-1").FieldPaths());
        Lab.Apply(path);
        Lab.Plan(0, path);
        Assert.NotNull(Pid(path));
    }

    [RootFact]
    public void Stop_ByHand_ShowsAsDrift()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);

        Lab.Run("stop", "web-1").Succeeded();

        Assert.Equal(["running"], Lab.Plan(2, path).Change("Container/web-1").FieldPaths());
    }

    [RootFact]
    public void Exit_WithPolicyNever_IsAsItShouldBe()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("exit 3", "restart: {policy: Never}"));

        Lab.Apply(path);

        Eventually("it ends", () => Status(path).GetProperty("phase").GetString() == "Exited");
        Assert.Equal(("Current", 3), (Status(path).GetProperty("state").GetString(), Status(path).GetProperty("exitStatus").GetInt32()));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_CommandThatIsNotThere_IsTakenBackWithNothingLeft()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web.Replace("[/bin/busybox]", "[/no/such/program]"));

        var result = Lab.Run("apply", "-f", path, "--auto-approve").Exited(5);

        Assert.Contains("/no/such/program", result.Err, StringComparison.Ordinal);
        Assert.Contains("ENOENT", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Supervisor_Killed_IsBroughtBackByAnApplyAndTakesOver()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        var supervisor = File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs")).Trim();
        Command.Run("/bin/kill", ["-KILL", supervisor]).Succeeded();
        Eventually("it is gone", () => File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs")).Trim().Length == 0);

        Assert.Equal(["restart.policy"], Lab.Plan(2, path).Change("Container/web-1").FieldPaths());
        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Lab.Plan(0, path);
        Command.Run("/bin/kill", ["-KILL", pid.ToString()]).Succeeded();
        Eventually("the new supervisor starts it again", () => Pid(path) is { } now && now != pid);
    }

    [RootFact]
    public void Containers_OfOneBridge_TalkAndAnswerTheHost()
    {
        var page = Lab.Write("pages/greeting", "hello\n");
        var path = Lab.Write("web.yaml", ContainerManifests.Web.Replace("type: tmpfs, target: /srv", $"source: {Path.GetDirectoryName(page)}, target: /srv, readOnly: true") +
            """
            ---
            apiVersion: provision/v1
            kind: Container
            metadata: {name: client}
            spec:
              command: [/bin/busybox, sh, -c, "until wget -q -O - http://10.88.0.2/greeting; do sleep 1; done"]
              networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.3/24]}]
              restart: {policy: Never}
              security: {capabilities: {keep: []}}
              dependsOn: [Container/web-1]

            """);

        Lab.Apply(path);

        Eventually("the client has its page", () => Lab.Run("logs", "client").Succeeded().Out.Contains("hello", StringComparison.Ordinal));
        Assert.Equal("hello\n", Page("http://10.88.0.2/greeting"));
        Assert.Equal(["10.88.0.2/24"], Status(path).GetProperty("addresses").EnumerateArray().Select(static a => a.GetString()));
    }

    [RootFact]
    public void Destroy_Everything_LeavesNoProcess()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;

        Lab.Run("destroy", "--auto-approve").Succeeded();

        Lab.AssertNothingLeft();
        Assert.False(Directory.Exists($"/proc/{pid}"));
        Eventually("the supervisor has ended", () => Processes.OfInstance(Lab.Instance.Name).Count == 0);
    }

    [RootFact]
    public void StateDirectory_Deleted_PlanIsStillRightAndDestroyFindsEverything()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        Directory.Delete(Lab.Instance.StateDirectory, recursive: true);

        Lab.Plan(0, path);

        Lab.Run("destroy", "--auto-approve").Succeeded();
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void RunDirectory_Deleted_ANewSupervisorTakesOverAndDestroyFindsEverything()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Directory.Delete($"/run/provision/{Lab.Instance.Name}", recursive: true);

        Lab.Apply(path);

        Assert.Equal(pid, Pid(path));
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Succeeded();
        Lab.AssertNothingLeft();
        Eventually("both supervisors have ended", () => Processes.OfInstance(Lab.Instance.Name).Count == 0);
    }

    [RootFact]
    public void Apply_DefaultRoutesOfBothFamilies_PlansEmpty()
    {
        var path = Lab.Write("web.yaml", """
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: web0}
            spec: {addresses: [10.88.0.1/24, "fd00:88::1/64"]}
            ---
            apiVersion: provision/v1
            kind: Container
            metadata: {name: web-1}
            spec:
              command: [/bin/busybox, sleep, "100000"]
              networks:
                - bridge: web0
                  interface: eth0
                  addresses: [10.88.0.2/24, "fd00:88::2/64"]
                  routes: [{to: default, via: 10.88.0.1}, {to: default, via: "fd00:88::1"}]

            """);

        Lab.Apply(path);

        Lab.Plan(0, path);
        var pid = Pid(path)!.Value;
        InNetwork(pid, "ip", "-6", "route", "del", "default").Succeeded();
        Assert.Equal(["networks[eth0].routes[::/0]"], Lab.Plan(2, path).Change("Container/web-1").FieldPaths());
        Lab.Apply(path);
        Lab.Plan(0, path);
        Assert.Equal(pid, Pid(path));
    }
}
