using Provision.EndToEnd.Containers;

namespace Provision.EndToEnd.Reading;

/// <summary>Commands that read change nothing, and could not: every thread wears the filter before the kernel is read.</summary>
public sealed class ReadingTests : ContainerLab
{
    private const string More =
        """
        ---
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: limited}
        spec:
          pids: {max: 64}
          devices: {default: deny, allow: [{path: /dev/null, access: rwm}]}
        ---
        apiVersion: provision/v1
        kind: Container
        metadata: {name: talker}
        spec:
          command: [/bin/busybox, sh, -c]
          args: ["echo here; sleep 1d"]
          stop: {timeout: 1s}

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [RootFact]
    public void ReadingCommands_OverEveryKind_ChangeNothingAndAreRefusedNothing()
    {
        var path = Lab.Write("all.yaml", ContainerManifests.Web + More);
        Lab.Apply(path);
        Eventually("there is a log", () => Lab.Run("logs", "talker").Out == "here\n");
        string[][] commands =
        [
            ["plan", "-f", path], ["plan", "-f", path, "-o", "json", "--show", "operations", "--prune"], ["drift", "-f", path, "-o", "json"],
            ["status", "-f", path], ["status"], ["get", "--all"], ["get", "-o", "yaml"], ["export"], ["export", "--all"],
            ["describe", "Container/web-1", "-f", path], ["describe", "Cgroup/limited"], ["describe", "Bridge/web0"],
            ["validate", "-f", path], ["validate", "--host", "-f", path], ["logs", "talker"],
        ];

        foreach (var command in commands)
        {
            var trace = ReadingTrace.Of(Lab, command);

            AssertNone(command, "changes", trace.Changes);
            // Nothing of the kernel or of a manifest is read before.
            var first = trace.Calls.Select(static (c, at) => (c, at)).First(p => (p.c.Name is "openat2" && !p.c.IsQuestion) || p.c.Name is "socket" or "inotify_init1" || p.c.Arguments.Contains(path, StringComparison.Ordinal) || p.at == trace.Calls.Count - 1);
            Assert.True(trace.LoadedAt < first.at, $"{string.Join(' ', command)}: {first.c} before the filter");
            // C libraries start threads with clone where there is no clone3.
            AssertNone(command, "is refused", trace.Calls.Skip(trace.LoadedAt).Where(static c => c.Result.Contains("ENOSYS", StringComparison.Ordinal) && c.Name != "clone3"));
        }
    }

    [RootFact]
    public void Plan_ToAFile_WritesThatFileAndNothingElse()
    {
        var path = Lab.Write("cgroups.yaml", Manifests.Cgroups);
        Lab.Apply(path);
        var plan = Path.Combine(Lab.Directory.Path, "saved.plan");

        var trace = ReadingTrace.Of(Lab, "plan", "-f", path, "--out", plan);

        Assert.Equal(["openat", "write", "renameat"], trace.Changes.Select(static c => c.Name));
        Assert.All(trace.Changes, c => Assert.Contains(plan, c.Arguments, StringComparison.Ordinal));
        Assert.Equal(trace.Changes[0], trace.Calls.Take(trace.LoadedAt).Single(c => trace.Changes.Contains(c)));
        Assert.Equal(0, Lab.Run("apply", plan).ExitCode);
    }

    [RootFact]
    public void Plan_ThatFailsUnderTheFilter_TakesItsFileAway()
    {
        var (path, plan) = (Lab.Write("wrong.yaml", Manifests.Cgroups + "  nothing: 1\n"), Path.Combine(Lab.Directory.Path, "saved.plan"));

        Lab.Run("plan", "-f", path, "--out", plan).Exited(3);

        Assert.Equal([path], Directory.GetFiles(Lab.Directory.Path));
    }

    [RootFact]
    public void Plan_WaitingForItsInput_WearsTheFilterOnEveryThread()
    {
        using var running = Lab.Start("plan", "-f", "-");

        AssertFiltered(running);
        running.Write(Manifests.Cgroups);
        running.Wait(Patience).Exited(2);
    }

    [RootFact]
    public void Plan_OfAnotherUser_WearsTheFilterTooAndAnswers()
    {
        using var running = new RunningCommand(Lab.Netns.Exec("setpriv",
            "--reuid", "65534", "--regid", "65534", "--clear-groups", Binary.Path, "plan", "-f", "-", "--instance", Lab.Instance.Name));

        AssertFiltered(running);
        running.Write(Manifests.Cgroups);
        running.Wait(Patience).Exited(2);
    }

    [RootFact]
    public void Logs_ThatFollow_WearTheFilterOnEveryThreadAndShowWhatComes()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done"));
        Lab.Apply(path);
        using var running = Lab.Start("logs", "-f", "web-1");

        AssertFiltered(running);
        Eventually("lines come", () => Lab.Run("logs", "web-1").Succeeded().Out.Contains("line 3\n", StringComparison.Ordinal));
        running.Signal("INT");
        Assert.Contains("line 2\n", running.Wait(Patience).Out, StringComparison.Ordinal);
    }

    private static void AssertFiltered(RunningCommand running) =>
        Eventually($"every thread of {running.Pid} is filtered", () =>
        {
            Assert.False(running.HasExited);
            var statuses = Directory.GetDirectories($"/proc/{running.Pid}/task").Select(static t => Read($"{t}/status")).OfType<string>().ToList();
            return File.ReadAllText($"/proc/{running.Pid}/comm") == "provision\n" && statuses.Count > 1
                && statuses.All(static s => s.Contains("\nSeccomp:\t2\n", StringComparison.Ordinal) && s.Contains("\nNoNewPrivs:\t1\n", StringComparison.Ordinal));
        });

    // Threads come and go.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void AssertNone(string[] command, string what, IEnumerable<SystemCall> calls) =>
        Assert.True(!calls.Any(), $"{string.Join(' ', command)} {what}:\n{string.Join('\n', calls)}");
}
