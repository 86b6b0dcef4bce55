using System.Diagnostics;
using System.Text.Json;

namespace Provision.EndToEnd.Containers;

/// <summary><c>drift --deep</c>: the filters of what runs, read back from the kernel.</summary>
public sealed class DeepTests : ContainerLab
{
    /// <summary>Loads a filter of its own that lets everything through, and goes on as what it is told to execute.</summary>
    private const string Stacks =
        """
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
        code = ctypes.create_string_buffer(struct.pack("<HBBI", 6, 0, 0, 0x7fff0000), 8)
        libc.prctl(38, 1, 0, 0, 0)
        assert libc.prctl(22, 2, ctypes.byref(Program(1, ctypes.cast(code, ctypes.c_void_p))), 0, 0) == 0
        os.execv(sys.argv[1], sys.argv[1:])
        """;

    private string Sleeping(string security = "") => Lab.Write("shell.yaml", ContainerManifests.Shell("echo ready; exec sleep 100000", security));

    private static JsonElement Filters(JsonElement report) => report.GetProperty("checked").EnumerateArray()
        .Single(static c => c.GetProperty("resource").GetString() == "Container/web-1"
            && c.GetProperty("fields").EnumerateArray().Any(static f => f.GetString() == "security.seccomp"));

    private static (string?, string?) Read(JsonElement entry) => (entry.GetProperty("method").GetString(), entry.GetProperty("confidence").GetString());

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(static t => t.GetString()!)];

    private static string State(int pid) =>
        File.ReadLines($"/proc/{pid}/status").Single(static l => l.StartsWith("State:", StringComparison.Ordinal))["State:".Length..].Trim()[..1];

    /// <summary>Runs on the host, and is moved into the container's cgroup from outside.</summary>
    private RunningCommand Intruder(string file, params string[] arguments)
    {
        var intruder = new RunningCommand(new ProcessStartInfo(file, arguments));
        Eventually("it runs as what it is to be", () => File.ReadAllText($"/proc/{intruder.Pid}/cmdline").StartsWith("/bin/sleep", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(Lab.Instance.Unified("web-1.ctr"), "cgroup.procs"), $"{intruder.Pid}");
        return intruder;
    }

    [RootFact]
    public void Deep_BuiltInProfile_IsReadBackAndNoDrift()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);
        Lab.Apply(path);

        Assert.Equal(("procfs", "count-only"), Read(Filters(Lab.Drift(0, path))));
        Assert.Equal(("ptrace", "kernel"), Read(Filters(Lab.Drift(0, path, "--deep"))));
        Assert.Contains("No drift.", Lab.Run("drift", "--deep", "-f", path).Succeeded().Out, StringComparison.Ordinal);
    }

    [RootFact]
    public void Deep_AProgramThatStacksAFilter_IsToldAsForeign()
    {
        var script = Lab.Write("bin/stacks.py", Stacks);
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("exec /usr/bin/python3 /srv/stacks.py /bin/sleep 100000", $"mounts: [{{source: {Path.GetDirectoryName(script)}, target: /srv, readOnly: true}}]"));
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Eventually("it has loaded its filter", () => File.ReadAllText($"/proc/{pid}/status").Contains("Seccomp_filters:\t2\n", StringComparison.Ordinal));

        Lab.Drift(0, path);
        var row = Assert.Single(Lab.Drift(2, path, "--deep").GetProperty("rows").EnumerateArray());

        Assert.Equal(("Container/web-1", "security.seccomp", $"process {pid}"), (row.GetProperty("resource").GetString(), row.GetProperty("path").GetString(), row.GetProperty("object").GetString()));
        Assert.Equal(("ptrace", "kernel"), Read(row));
        var (expected, actual) = (Texts(row.GetProperty("expected")), Texts(row.GetProperty("actual")));
        Assert.Equal([Assert.Single(expected), actual[1]], actual);
        Assert.StartsWith("1 instructions sha256:", actual[1], StringComparison.Ordinal);
        Assert.Contains("foreign filter, 2 of 2", Assert.Single(Texts(row.GetProperty("details"))), StringComparison.Ordinal);
        var table = Lab.Run("drift", "--deep", "-f", path).Exited(2).Out;
        Assert.Contains("ptrace", table, StringComparison.Ordinal);
        Assert.Contains("foreign filter, 2 of 2", table, StringComparison.Ordinal);
    }

    [RootFact]
    public void Deep_AProcessFromElsewhere_LacksTheFilter()
    {
        var path = Sleeping();
        Lab.Apply(path);
        using var intruder = Intruder("/bin/sleep", "100000");

        var row = Assert.Single(Lab.Drift(2, path, "--deep").GetProperty("rows").EnumerateArray());

        Assert.Equal(($"process {intruder.Pid}", "unconfined"), (row.GetProperty("object").GetString(), row.GetProperty("actual").GetString()));
        Assert.Contains("missing", Assert.Single(Texts(row.GetProperty("details"))), StringComparison.Ordinal);
    }

    [RootFact]
    public void Deep_AProcessWithAnotherFilter_TellsTheCallsThatItMayMake()
    {
        var path = Sleeping();
        Lab.Apply(path);
        using var intruder = Intruder("/usr/bin/python3", Lab.Write("stacks.py", Stacks), "/bin/sleep", "100000");

        var row = Assert.Single(Lab.Drift(2, path, "--deep").GetProperty("rows").EnumerateArray());

        Assert.Equal($"process {intruder.Pid}", row.GetProperty("object").GetString());
        var details = Texts(row.GetProperty("details"));
        Assert.Contains(details, static d => d.Contains("missing", StringComparison.Ordinal));
        Assert.Contains(details, static d => d.EndsWith("ERRNO EPERM expected, ALLOW found", StringComparison.Ordinal));
    }

    [RootFact]
    public void Deep_AManifestThatMoved_IsPendingAndNoDrift()
    {
        var path = Sleeping("security: {seccomp: unconfined}");
        Lab.Apply(path);
        Assert.Equal("kernel", Read(Filters(Lab.Drift(0, path, "--deep"))).Item2);
        Sleeping();

        var report = Lab.Drift(0, path, "--deep");

        Assert.Equal("security.seccomp", Assert.Single(report.GetProperty("pending").EnumerateArray()).GetProperty("field").GetString());
    }

    [RootFact]
    public void Deep_AProcessThatIsTraced_IsOnlyCountedAndNamesTheTracer()
    {
        var path = Sleeping();
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        using var tracer = new RunningCommand(new ProcessStartInfo("/usr/bin/python3",
            ["-c", $"import ctypes, time\nassert ctypes.CDLL(None).ptrace(0x4206, {pid}, 0, 0) == 0\ntime.sleep(100000)"]));
        Eventually("it is traced", () => File.ReadAllText($"/proc/{pid}/status").Contains($"TracerPid:\t{tracer.Pid}\n", StringComparison.Ordinal));

        var entry = Filters(Lab.Drift(0, path, "--deep"));

        Assert.Equal(("procfs", "count-only"), Read(entry));
        Assert.Contains($"process {pid}: only counted: it is traced by process {tracer.Pid}", Texts(entry.GetProperty("notes")));
        Assert.Contains($"it is traced by process {tracer.Pid}", Lab.Run("drift", "--deep", "-f", path).Succeeded().Out, StringComparison.Ordinal);
    }

    // As under a service manager that filters system calls.
    [RootFact]
    public void Deep_UnderAFilterOfItsOwn_OnlyCountsAndDisturbsNobody()
    {
        var path = Sleeping();
        Lab.Apply(path);

        var report = Lab.RunUnder("/usr/bin/python3", [Lab.Write("stacks.py", Stacks)], "drift", "--deep", "-f", path, "-o", "json").Succeeded().Json;

        Assert.Equal(("procfs", "count-only"), Read(Filters(report)));
        Assert.Contains("itself confined", Assert.Single(Texts(Filters(report).GetProperty("notes"))), StringComparison.Ordinal);
    }

    [RootFact]
    public void Deep_AStoppedProcess_StaysStopped()
    {
        var path = Sleeping();
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Command.Run("/bin/kill", ["-STOP", $"{pid}"]).Succeeded();
        Eventually("it stops", () => State(pid) == "T");

        Assert.Equal(("ptrace", "kernel"), Read(Filters(Lab.Drift(0, path, "--deep"))));

        Assert.Equal("T", State(pid));
        Command.Run("/bin/kill", ["-CONT", $"{pid}"]).Succeeded();
        Eventually("it goes on", () => State(pid) == "S");
    }

    // Children that come and go, signals that arrive: the workload counts on, with the same first process.
    [RootFact]
    public void Deep_AWorkloadUnderLoad_GoesOn()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell(
            "n=0; trap 'n=$((n+1)); echo got $n' USR1; while :; do /bin/busybox true; (exit 0) & wait; done"));
        Lab.Apply(path);
        var pid = Pid(path)!.Value;
        Eventually("it answers signals", () => (Convert.ToUInt64(File.ReadLines($"/proc/{pid}/status").Single(static l => l.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim(), 16) & (1UL << 9)) != 0);

        for (var round = 1; round <= 5; round++)
        {
            Command.Run("/bin/kill", ["-USR1", $"{pid}"]).Succeeded();
            Assert.Equal("kernel", Read(Filters(Lab.Drift(0, path, "--deep"))).Item2);
            Eventually($"signal {round} is answered", () => Lab.Run("logs", "web-1").Succeeded().Out.Contains($"got {round}\n", StringComparison.Ordinal));
        }

        Assert.Equal(pid, Pid(path));
    }

    // What enters has its filter last: it is not told as one that lacks it.
    [RootFact]
    public void Deep_WhileProcessesEnter_IsNoDrift()
    {
        var path = Sleeping();
        Lab.Apply(path);
        var (ended, entered) = (false, 0);
        var entering = new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
                if (Lab.Run("exec", "--instance", Lab.Instance.Name, "web-1", "--", "/bin/busybox", "true").ExitCode == 0)
                    Interlocked.Increment(ref entered);
        });
        entering.Start();
        try
        {
            for (var round = 0; round < 10; round++)
                Lab.Drift(0, path, "--deep");
            Eventually("processes entered", () => Volatile.Read(ref entered) >= 3);
        }
        finally
        {
            Volatile.Write(ref ended, true);
            entering.Join();
        }
    }

    [RootFact]
    public void Deep_AFieldThatIsIgnored_IsExemptAndNotTraced()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("exec sleep 100000").Replace("{name: web-1}", "{name: web-1, ignoreFields: [security.seccomp]}", StringComparison.Ordinal));
        Lab.Apply(path);

        var report = Lab.Drift(0, path, "--deep");

        Assert.Contains("security.seccomp", report.GetProperty("exempt").EnumerateArray().Select(static e => e.GetProperty("field").GetString()));
        Assert.DoesNotContain(report.GetProperty("checked").EnumerateArray(), static c => c.GetProperty("method").GetString() == "ptrace");
    }

    [RootFact]
    public void Help_OfDrift_SaysThatItInterrupts() =>
        Assert.Contains("EINTR", Lab.Run("drift", "--help").Succeeded().Out, StringComparison.Ordinal);
}
