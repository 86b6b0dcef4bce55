using Provision.Kernel.Containers;
using Provision.Kernel.Logs;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>
/// An instance with a real supervisor of the built program, in a network namespace of its own, and a root of busybox
/// for its containers. Disposed, all of it is gone.
/// </summary>
internal sealed class SupervisorBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string? _copy;
    private readonly OwnInstance _instance = new();
    private readonly OwnDirectory _directory = new();
    private readonly CgroupLayout _layout = CgroupLayout.Discover();

    public SupervisorBench()
    {
        Root = Path.Combine(_directory.Path, "root");
        Directory.CreateDirectory(Path.Combine(Root, "bin"));
        File.Copy("/bin/busybox", Path.Combine(Root, "bin/busybox"));
        foreach (var applet in (string[])["sh", "sleep", "cat", "tail", "ip", "ping", "hostname", "seq", "head", "kill"])
            File.CreateSymbolicLink(Path.Combine(Root, "bin", applet), "busybox");
        using var cgroups = new CgroupExecutor(_layout);
        Assert.Null(cgroups.Execute([new CgroupCreate(_instance.CgroupRoot, [.. _layout.Hierarchies.Select(static h => h.Name)])], default)[0]);
        // On v2 a leaf has a controller's files only where every directory above passes it on.
        if (_layout.Unified is { } unified && unified.Controllers.Contains("memory"))
            foreach (var above in (string[])["", _instance.CgroupRoot])
                Assert.Null(cgroups.Execute([new CgroupEnable(above, ["memory", "pids"])], default)[0]);
        Paths = SupervisorPaths.Of(Name);
        Executor = new ContainerExecutor(Program);
        Reader = Netns.Inside(() => new ContainerReader(_layout));
    }

    /// <summary>The program under test: PROVISION_BIN, or what <c>make build</c> made.</summary>
    public static string Program { get; } = FindProgram();

    public string Name => _instance.Name;

    public OwnNetns Netns { get; } = new();

    public string Root { get; }

    public SupervisorPaths Paths { get; }

    public ContainerExecutor Executor { get; }

    public ContainerReader Reader { get; }

    /// <summary>Starts a supervisor in the bench's network namespace, unless one runs, and returns its pid.</summary>
    public int Supervise()
    {
        Netns.Run(Program, "supervise", "--instance", Name, "--detach").Succeeded();
        return Ask(new Request { Verb = Verb.Hello }).Pid;
    }

    public Response Ask(Request request)
    {
        using var client = SupervisorClient.Connect(Paths) ?? throw new InvalidOperationException("no supervisor answers");
        return client.Ask(request, Patience);
    }

    /// <summary>An order for a shell line; its leaf cgroup is made.</summary>
    public ContainerOrder Order(string name, string line, RestartPolicyKind restart = RestartPolicyKind.Never)
    {
        var leaf = $"{_instance.CgroupRoot}/{name}.ctr";
        using var cgroups = new CgroupExecutor(_layout);
        Assert.Null(cgroups.Execute([new CgroupCreate(leaf, [.. _layout.Hierarchies.Select(static h => h.Name)])], default)[0]);
        return new ContainerOrder
        {
            Name = name,
            Stack = "default",
            Cgroup = leaf,
            Restart = new RestartSpec(restart, InitialMilliseconds: 10, MaxMilliseconds: 100),
            Stop = new StopSpec(15, 600_000),
            Sandbox = new SandboxSpec
            {
                Name = name,
                Root = new RootSpec(RootKind.Directory, Root, ReadOnly: false, Overlay: true, Upper: null, Work: null, Hidden: []),
                Namespaces = new NamespaceSet(),
                Command = ["/bin/busybox", "sh", "-c", line],
                Env = ["PATH=/bin"],
                CgroupDirectories = [.. _layout.Hierarchies.Select(h => $"{h.MountPoint}/{leaf}")],
            },
        };
    }

    /// <summary>A copy of the root that is not on a tmpfs, as /tmp may be: that takes no id maps before Linux 6.3.</summary>
    public string RootOnDisk()
    {
        var copy = $"/var/tmp/{Name}";
        Command.Run("cp", ["-a", Root, copy]).Succeeded();
        _copy = copy;
        return copy;
    }

    public KernelError? Perform(Operation operation) => Executor.Execute([operation], default)[0];

    /// <summary>Performs it and fails the test when it fails.</summary>
    public void Do(Operation operation) => Assert.Null(Perform(operation));

    public void Start(ContainerOrder order) => Do(new ContainerStart(Name, order));

    public LiveContainer Live(string name) => Reader.Read(Name).Find(name)!;

    /// <summary>Waits until the container is as wanted, and returns it.</summary>
    public LiveContainer Until(string name, Func<LiveContainer, bool> wanted)
    {
        LiveContainer? live = null;
        Assert.True(
            SpinWait.SpinUntil(() => (live = Reader.Read(Name).Find(name)) is not null && wanted(live), Patience),
            $"{live?.Run}\n{(File.Exists(Paths.Log) ? File.ReadAllText(Paths.Log) : "")}");
        return live!;
    }

    public static void Until(Func<bool> wanted, string what) => Assert.True(SpinWait.SpinUntil(wanted, Patience), what);

    public string Log(string name)
    {
        using var to = new MemoryStream();
        LogReader.Copy(Paths.LogOf(name), new LogQuery(), to);
        return System.Text.Encoding.UTF8.GetString(to.ToArray());
    }

    public void UntilLogged(string name, string text) => Until(() => Log(name).Contains(text, StringComparison.Ordinal), $"{text} is not in the log:\n{Log(name)}");

    /// <summary>The directory of a container's leaf in the hierarchy of a controller.</summary>
    public string Leaf(string name, string controller) => $"{_layout.For(controller)!.MountPoint}/{_instance.CgroupRoot}/{name}.ctr";

    /// <summary>Pids of what keeps descriptors for the next supervisor.</summary>
    public IReadOnlyList<int> FdStores()
    {
        var file = Path.Combine(Path.GetDirectoryName(Leaf("any", "memory"))!, "supervisor/fdstore/cgroup.procs");
        return File.Exists(file) ? [.. File.ReadAllLines(file).Select(int.Parse)] : [];
    }

    /// <summary>Changes a container's run record behind the supervisor's back.</summary>
    public void RewriteRun(string name, Action<System.Text.Json.Nodes.JsonNode> change)
    {
        var root = new DirectoryWriter(new DirectoryReader(_layout.Primary.MountPoint, CgroupReader.Rules(_layout.Primary)));
        using (root.At)
        {
            var leaf = $"{_instance.CgroupRoot}/{name}.ctr";
            var run = System.Text.Json.Nodes.JsonNode.Parse(root.At.Attribute(leaf, ContainerRun.Attribute)!)!;
            change(run);
            Assert.Null(root.SetAttribute(leaf, ContainerRun.Attribute, run.ToJsonString()));
        }
    }

    public static void Kill(int pid, string signal = "KILL") => Command.Run("/bin/kill", [$"-{signal}", $"{pid}"]);

    public static bool IsAlive(int pid) => ProcStat.Read(pid) is { IsZombie: false };

    public void KillSupervisor()
    {
        var pid = Ask(new Request { Verb = Verb.Hello }).Pid;
        Kill(pid);
        Until(() => !IsAlive(pid), "the supervisor lives on");
    }

    public void Dispose()
    {
        try
        {
            End();
        }
        finally
        {
            if (_copy is not null)
                Directory.Delete(_copy, recursive: true);
        }
    }

    private void End()
    {
        // Before the containers, which it would start again.
        using (var client = SupervisorClient.Connect(Paths))
            if (client is not null && PidOf(client) is { } pid)
            {
                Kill(pid);
                Until(() => !IsAlive(pid), "the supervisor lives on");
            }

        Reader.Dispose();
        _instance.Dispose();
        Netns.Dispose();
        _directory.Dispose();
    }

    // Null for one that is just ending by itself, with nothing left to keep.
    private static int? PidOf(SupervisorClient client)
    {
        try
        {
            return client.Ask(new Request { Verb = Verb.Hello }, Patience).Pid;
        }
        catch (KernelException)
        {
            return null;
        }
    }

    private static string FindProgram()
    {
        if (Environment.GetEnvironmentVariable("PROVISION_BIN") is { Length: > 0 } given)
            return given;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Provision.sln")))
                return Path.Combine(at.FullName, "out/provision");
        throw new InvalidOperationException($"no Provision.sln above {AppContext.BaseDirectory}");
    }
}
