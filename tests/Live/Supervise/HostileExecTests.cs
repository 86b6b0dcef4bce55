using System.Diagnostics;
using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary><c>provision exec</c> into a container that expects it.</summary>
public sealed class HostileExecTests : IDisposable
{
    private const int GetSeals = 1034, SealWrite = 8;

    private readonly SupervisorBench _bench = new();

    public HostileExecTests()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Root, "tmp"));
        _bench.Supervise();
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Exec_AScriptWhoseInterpreterIsTheCallersProgram_RunsASealedCopyOfIt()
    {
        Start();
        var before = File.ReadAllBytes(SupervisorBench.Program);
        HostileLoader.Install(_bench.Root);
        File.WriteAllText(Path.Combine(_bench.Root, "trap"), "#!/proc/self/exe\n");
        File.SetUnixFileMode(Path.Combine(_bench.Root, "trap"), (UnixFileMode)0b111_101_101);

        using var exec = new RunningCommand(Command("web", "--", "/trap"));
        var trapped = Inside("/proc/self/exe\0/trap\0");

        Assert.StartsWith("/memfd:", new FileInfo($"/proc/{trapped}/exe").LinkTarget, StringComparison.Ordinal);
        Assert.Equal("True False", Testing.Command.Run("python3",
        [
            "-c",
            $"""
            import fcntl, os
            file = os.open("/proc/{trapped}/exe", os.O_RDONLY)
            sealed = bool(fcntl.fcntl(file, {GetSeals}) & {SealWrite})
            try:
                written = os.write(os.open("/proc/{trapped}/exe", os.O_RDWR), b"x") == 1
            except OSError:
                written = False
            print(sealed, written)
            """,
        ]).Succeeded().Out.Trim());
        SupervisorBench.Kill(trapped);
        Assert.Equal(137, exec.Wait(TimeSpan.FromMinutes(3)).ExitCode);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(SupervisorBench.Program)));
    }

    [RootFact]
    public void Exec_WhenTheSupervisorIsOfThisBuild_RunsFromItsMemory()
    {
        Start();
        HostileLoader.Install(_bench.Root);
        File.WriteAllText(Path.Combine(_bench.Root, "trap"), "#!/proc/self/exe\n");
        File.SetUnixFileMode(Path.Combine(_bench.Root, "trap"), (UnixFileMode)0b111_101_101);

        using var exec = new RunningCommand(Command("web", "--", "/trap"));
        var trapped = Inside("/proc/self/exe\0/trap\0");

        var supervisor = _bench.Ask(new Request { Verb = Verb.Hello }).Pid;
        Assert.Equal(Inode($"/proc/{supervisor}/exe"), Inode($"/proc/{trapped}/exe"));
        SupervisorBench.Kill(trapped);
        exec.Wait(TimeSpan.FromMinutes(3));
    }

    [RootFact]
    public void Exec_WithAndWithoutInput_GivesNoStreamOfTheCallers()
    {
        Start();

        // Of its three descriptors, none is a terminal's or a file's of the host: pipes of its own and /dev/null.
        var plain = Run("", "web", "--", "/bin/busybox", "sh", "-c", "for f in 0 1 2; do busybox readlink /proc/self/fd/$f; done");
        var given = Run("x", "-i", "web", "--", "/bin/busybox", "sh", "-c", "for f in 0 1 2; do busybox readlink /proc/self/fd/$f; done");

        Assert.Matches(@"^/dev/null\npipe:\S+\npipe:\S+\n$", plain.Out);
        Assert.Matches(@"^pipe:\S+\npipe:\S+\npipe:\S+\n$", given.Out);
        // Those of the caller's file descriptors would be the same pipes that the test reads from.
        Assert.Equal(3, given.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
        var file = Path.Combine(_bench.Root, "tmp/out");
        Testing.Command.Run("sh", ["-c", $"exec {Line("web", "--", "/bin/busybox", "readlink", "/proc/self/fd/1")} > {file}"]).Succeeded();
        Assert.StartsWith("pipe:", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [RootFact]
    public void Exec_ADaemonLeftBehind_DoesNotHoldItUpAndLosesNothing()
    {
        Start();

        var result = Run("", "web", "--", "/bin/busybox", "sh", "-c", "sleep 100000 & busybox seq 100000; exit 3");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(string.Concat(Enumerable.Range(1, 100_000).Select(static i => $"{i}\n")), result.Out);
    }

    [RootFact]
    public void Exec_MegabytesInAndOut_AreTheSameBytes()
    {
        Start();
        var text = string.Concat(Enumerable.Range(1, 300_000).Select(static i => $"line {i}\n"));

        var result = Run(text, "-i", "web", "--", "/bin/cat");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(text, result.Out);
    }

    [RootFact]
    public void Exec_WhoseReaderGoesAway_IsEndedByTheSignalThatAPipeGives()
    {
        Start();

        var result = Testing.Command.Run("bash", ["-c", $"{Line("web", "--", "/bin/busybox", "yes")} | head -n 1; echo ${{PIPESTATUS[0]}}"]);

        Assert.Equal("y\n141\n", result.Out);
    }

    [RootFact]
    public void Exec_AsAUserOfAMappedContainer_OpensItsStreamsByName()
    {
        var order = _bench.Order("mapped", "sleep 100000");
        _bench.Start(order with
        {
            Stop = new StopSpec(9),
            Sandbox = order.Sandbox with
            {
                Root = order.Sandbox.Root with { Directory = _bench.RootOnDisk() },
                Namespaces = new() { User = NamespaceChoice.Private },
                IdMaps = new([new(0, 100000, 65536)], [new(0, 100000, 65536)]),
            },
        });

        var result = Run("in", "-i", "-u", "1000:1000", "mapped", "--", "/bin/busybox", "sh", "-c", "busybox cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr");

        Assert.Equal(("inout\n", "err\n", 0), (result.Out, result.Err, result.ExitCode));
    }

    [RootFact]
    public void Exec_FromALimitedShell_HasTheContainersLimitsAndNoneOfTheShells()
    {
        Start(static s => s with { Rlimits = [new(RlimitResource.Nofile, 100, 200)] });
        var init = _bench.Live("web").Process!;
        const string show = "busybox cat /proc/self/limits; umask; busybox awk '{print $19}' /proc/self/stat; busybox grep Cpus_allowed: /proc/self/status";

        var result = Testing.Command.Run("sh", ["-c", $"ulimit -S -n 50; ulimit -S -c 4096; ulimit -S -s 4096; umask 000; exec nice -n 7 taskset 1 {Line("web", "--", "/bin/busybox", "sh", "-c", $"'{show.Replace("'", "'\\''")}'")}"]).Succeeded();

        var limits = Containers.ProcessReader.ParseLimits(result.Out);
        Assert.Equal(16, limits.Count);
        Assert.Equal(init.Rlimits, limits);
        Assert.Equal((100UL, 200UL), limits[RlimitResource.Nofile]);
        Assert.Contains("\n0022\n0\n", result.Out);
        Assert.EndsWith(File.ReadAllLines($"/proc/{init.Pid}/status").Single(static l => l.StartsWith("Cpus_allowed:", StringComparison.Ordinal)) + "\n", result.Out, StringComparison.Ordinal);
    }

    [RootFact]
    public void Exec_IntoAContainerThatSharesAnothers_EntersBoth()
    {
        Start(static s => s with { Hostname = "first" });
        var order = _bench.Order("second", "sleep 100000");
        _bench.Start(order with
        {
            Stop = new StopSpec(9),
            Sandbox = order.Sandbox with { Namespaces = new() { Uts = new(NamespaceKind.Path, "container:web"), Net = new(NamespaceKind.Path, "container:web") } },
        });

        var result = Run("", "second", "--", "/bin/busybox", "sh", "-c", "hostname; busybox readlink /proc/self/ns/net");

        Assert.Equal($"first\nnet:[{_bench.Live("web").Process!.Namespaces["net"]}]\n", result.Out);
    }

    private void Start(Func<SandboxSpec, SandboxSpec>? change = null)
    {
        var order = _bench.Order("web", "sleep 100000");
        _bench.Start(order with { Stop = new StopSpec(9), Sandbox = change?.Invoke(order.Sandbox) ?? order.Sandbox });
    }

    // A process of the container with this command line.
    private int Inside(string commandLine)
    {
        int? found = null;
        SupervisorBench.Until(() => (found = Find()) is not null, $"nothing with command line {commandLine.Replace('\0', ' ')} runs inside");
        return found!.Value;

        int? Find()
        {
            foreach (var pid in File.ReadAllLines(Path.Combine(_bench.Leaf("web", "memory"), "cgroup.procs")))
                try
                {
                    if (File.ReadAllText($"/proc/{pid}/cmdline") == commandLine)
                        return int.Parse(pid);
                }
                catch (IOException)
                {
                    // It has ended.
                }

            return null;
        }
    }

    private static string Inode(string path) => Testing.Command.Run("stat", ["-L", "-c", "%d:%i", path]).Succeeded().Out;

    private CommandResult Run(string input, params string[] arguments) => Testing.Command.Run(Command(arguments), input);

    private ProcessStartInfo Command(params string[] arguments) => new(SupervisorBench.Program, ["exec", "--instance", _bench.Name, .. arguments]);

    private string Line(params string[] arguments) => $"{SupervisorBench.Program} exec --instance {_bench.Name} {string.Join(' ', arguments)}";
}
