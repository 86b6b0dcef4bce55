using System.Collections.Immutable;
using Provision.Spec;
using static Provision.Drivers.Container.ContainerReasons;

namespace Provision.Drivers.Container;

/// <summary>The fields of a Container besides its security, networks and limits; times are canonical microseconds.</summary>
internal static class ContainerFields
{
    private const long Millisecond = 1_000, Second = 1_000_000, Minute = 60 * Second;
    private const long Longest = Kernel.Supervise.Waits.LongestMilliseconds * Millisecond;

    // (uid_t)-1 means "leave as it is" to setresuid(2).
    private const long LargestId = uint.MaxValue - 1;

    // UT_NODENAME_MAX.
    private const int LongestHostname = 64;

    /// <summary>Stands for "directly below the instance's root"; no resource can have this name.</summary>
    public const string NoCgroup = "/";

    public static readonly Field Rootfs = new("rootfs",
        new UnionType(
            Root(new Field("host", new ObjectType([]),
                $"The host's readable files. Everything that is readable by the container's user is shared but what lies on other mounts and these: {HostSecrets.Text}. ~ is every user's home directory.")
            { Required = true }),
            Root(new Field("directory", Types.AbsolutePath, "A directory of the host.") { Required = true }),
            Root(new Field("archive", Types.Text(expected: "the path of an archive"), "A tar archive. This version cannot unpack it yet.") { Required = true }),
            Root(new Field("image", Types.Text(expected: "the name of an image"), "An OCI image. This version cannot unpack it yet.") { Required = true })),
        "What the container sees as /.")
    { DefaultDoc = "{host: {}, overlay: true}", ReplaceReason = BeforeStart };

    public static readonly Field Command = new("command", new ListType(Types.Text()), "The program, and perhaps its first arguments. Without a slash it is looked for in PATH.")
    { Required = true, ReplaceReason = Program };

    public static readonly Field Args = new("args", new ListType(Types.Text()), "Further arguments.") { Default = ListValue.Empty, ReplaceReason = Program };

    public static readonly Field Env = new("env", new MapType(Types.Text()), "The environment, nothing of the host's in it. PATH has a default.")
    { Default = ObjectValue.Empty, ReplaceReason = Program };

    public static readonly Field WorkingDir = new("workingDir", Types.AbsolutePath, "Where the program starts, inside.") { Default = "/", ReplaceReason = Program };

    public static readonly Field Uid = new("uid", Types.Integer(0, LargestId), "User inside.") { Default = 0 };

    public static readonly Field Gid = new("gid", Types.Integer(0, LargestId), "Group inside.") { Default = 0 };

    public static readonly Field Groups = new("groups", new ListType(Types.Integer(0, LargestId), Key, "group"), "Supplementary groups inside, all of them.") { Default = ListValue.Empty };

    public static readonly Field User = new("user", new ObjectType([Uid, Gid, Groups]), "Whom the program runs as.") { ReplaceReason = Program };

    public static readonly Field Hostname = new("hostname",
        Types.Text("^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$", "a host name of letters, digits, '-' and '.'", LongestHostname),
        "Name of the container's own UTS namespace.")
    { DefaultDoc = "the container's name; with uts: host it has none of its own" };

    public static readonly Field Pid = Namespace("pid", "Process numbers.");
    public static readonly Field Net = Namespace("net", "Links, addresses, routes, ports.");
    public static readonly Field Ipc = Namespace("ipc", "System V IPC and POSIX message queues.");
    public static readonly Field Uts = Namespace("uts", "Host name.");
    public static readonly Field Mnt = Namespace("mnt", "Mounts; only private: a container has a root of its own.");
    public static readonly Field CgroupNamespace = Namespace("cgroup", "What the container sees of the cgroup hierarchy.");
    public static readonly Field UserNamespace = Namespace("user", "Users and groups; private goes with idMap.", NamespaceType.Host);
    public static readonly Field Time = Namespace("time", "Monotonic and boot clocks.", NamespaceType.Host);

    public static readonly Field Namespaces = new("namespaces",
        new ObjectType([Pid, Net, Ipc, Uts, Mnt, CgroupNamespace, UserNamespace, Time]),
        "Where each namespace comes from (namespaces(7)).")
    { ReplaceReason = "a process keeps the namespaces that it was born into" };

    public static readonly Field UidMap = IdMap("uid", "Users");

    public static readonly Field GidMap = IdMap("gid", "Groups");

    public static readonly Field IdMaps = new("idMap", new ObjectType([UidMap, GidMap]),
        "Which users and groups of the host stand behind those inside (user_namespaces(7)); with user: private.")
    { ReplaceReason = "the maps of a user namespace are written once" };

    public static readonly Field MountType = new("type", Types.Word("bind", "tmpfs"), "A file or directory of the host, or memory.") { Default = "bind" };
    public static readonly Field MountSource = new("source", Types.AbsolutePath, "Host path of a bind mount.");
    public static readonly Field MountTarget = new("target", Types.AbsolutePath, "Path inside; made when it is missing.") { Required = true };
    public static readonly Field MountReadOnly = new("readOnly", Types.Bool, "No writes through this mount.") { Default = false };
    public static readonly Field NoExec = new("noexec", Types.Bool, "No program is run from it.") { Default = false };
    public static readonly Field NoSuid = new("nosuid", Types.Bool, "Set-user-ID bits mean nothing on it.") { Default = true };
    public static readonly Field NoDev = new("nodev", Types.Bool, "Device nodes mean nothing on it.") { Default = true };
    public static readonly Field MountSize = new("size", Types.Bytes(1), "Size of a tmpfs.") { DefaultDoc = "half of the memory" };
    public static readonly Field MountMode = new("mode", Types.Mode, "Permission bits of a tmpfs' own directory.") { DefaultDoc = "1777" };

    public static readonly Field Mounts = new("mounts",
        new ListType(new ObjectType([MountType, MountSource, MountTarget, MountReadOnly, NoExec, NoSuid, NoDev, MountSize, MountMode]), Member("target"), "target"),
        "Mounts inside, those of outer directories first.")
    { Default = ListValue.Empty, ReplaceReason = BeforeStart };

    public static readonly Field DevicePath = new("path", Types.AbsolutePath, "A device node of the host; the same path inside.") { Required = true };

    public static readonly Field DeviceAccess = new("access", Types.Text("^[rwm]{1,3}$", "letters of r (read), w (write), m (make the node)", 3), "What may be done with it.") { Default = "rwm" };

    public static readonly Field Devices = new("devices", new ListType(new ObjectType([DevicePath, DeviceAccess]), Member("path"), "path"),
        "Device nodes beyond null, zero, full, random, urandom and tty, and the right to use them.")
    { Default = ListValue.Empty, ReplaceReason = BeforeStart };

    public static readonly Field Cgroup = new("cgroup", Types.Reference("Cgroup"), "The Cgroup above the container's own cgroup; its limits bound the container's.")
    { Default = NoCgroup, DefaultDoc = "the instance's own root", ReplaceReason = "a cgroup cannot be moved" };

    public static readonly Field Resources = new("resources", new ObjectType(LeafCgroups.Fields()),
        "Limits of the container's own cgroup. Without devices of its own it may use the usual ones (null, zero, tty, terminals) and no others.");

    public static readonly Field Sysctls = new("sysctls", new MapType(Types.Text(maxLength: 4096)),
        "Kernel parameters of the container's own network and IPC namespaces, by their dotted names.")
    { Default = ObjectValue.Empty, ReplaceReason = BeforeStart };

    public static readonly Field OomScoreAdj = new("oomScoreAdj", Types.Integer(-1000, 1000), "How gladly the OOM killer takes it (/proc/PID/oom_score_adj).") { Default = 0 };

    public static readonly Field Running = new("running", Types.Bool, "Whether it runs. A container whose program ended for good is as it should be if its restart policy says so.") { Default = true };

    public static readonly Field Terminal = new("terminal", Types.Bool, "A terminal of its own (/dev/console) as standard input and output. What is written there goes to the log, with lines that end in CR LF; nobody types.") { Default = false, ReplaceReason = BeforeStart };

    public static readonly Field Policy = new("policy", Types.Word("Always", "OnFailure", "Never"), "When a program that ended is started again; OnFailure: unless it ended with 0.") { Default = "Always" };
    public static readonly Field BackoffInitial = new("initial", Types.Duration(Millisecond, Longest), "The wait before the first restart; it doubles with each that follows.") { Default = 100 * Millisecond };
    public static readonly Field BackoffMax = new("max", Types.Duration(Millisecond, Longest), "The longest wait.") { Default = Minute };
    public static readonly Field ResetAfter = new("resetAfter", Types.Duration(Millisecond, Longest), "A run of at least this long starts the waits over.") { Default = 10 * Second };
    public static readonly Field MaxRetries = new("maxRetries", Types.Integer(0, int.MaxValue), "Restarts in a row; 0: without bound.") { Default = 0 };

    public static readonly Field Restart = new("restart",
        new ObjectType([Policy, new Field("backoff", new ObjectType([BackoffInitial, BackoffMax, ResetAfter]), "Waits between restarts."), MaxRetries]),
        "What happens when the program ends.");

    public static readonly Field StopSignal = new("signal", Types.Signal, "Sent to the program first.") { Default = "SIGTERM" };

    public static readonly Field StopTimeout = new("timeout", Types.Duration(Millisecond, Longest), "How long it may take; then everything in the container is killed.") { Default = 10 * Second };

    public static readonly Field Stop = new("stop", new ObjectType([StopSignal, StopTimeout]), "How it is stopped.");

    public static readonly Field LogSize = new("maxSize", Types.Bytes(4096), "Bytes of one file.") { Default = 10 << 20 };

    public static readonly Field LogFiles = new("maxFiles", Types.Integer(1, 1000), "Files kept, the one being written included.") { Default = 3 };

    public static readonly Field Logging = new("logging", new ObjectType([LogSize, LogFiles]), "What is kept of its output.");

    /// <summary>Every namespace with the name that /proc/PID/ns has for it.</summary>
    public static readonly ImmutableArray<(Field Field, string Kernel)> NamespaceFields =
        [(Pid, "pid"), (Net, "net"), (Ipc, "ipc"), (Uts, "uts"), (Mnt, "mnt"), (CgroupNamespace, "cgroup"), (UserNamespace, "user"), (Time, "time")];

    // A form of rootfs: what tells it, and what all forms have.
    private static ObjectType Root(Field tag) => new(
    [
        tag,
        new Field("overlay", Types.Bool, "Writes go to memory that ends with the container; the files themselves stay as they are. The host's files are never without: false goes with readOnly.") { Default = true },
        new Field("readOnly", Types.Bool, "No writes at all.") { Default = false },
    ]);

    private static Field Namespace(string name, string doc, string fallback = NamespaceType.Private) => new(name, NamespaceType.Instance, doc) { Default = fallback };

    private static Field IdMap(string name, string things) => new(name,
        new ListType(
            new ObjectType(
            [
                new Field("container", Types.Integer(0, LargestId), "First id inside.") { Required = true },
                new Field("host", Types.Integer(0, LargestId), "First id of the host.") { Required = true },
                new Field("count", Types.Integer(1, LargestId), "How many.") { Required = true },
            ]),
            Member("container"), "container"),
        $"{things}, a range an item.")
    { Default = ListValue.Empty };

    private static string Key(Value item) => item.ToString() ?? "";

    private static Func<Value, string> Member(string name) => item => ((ObjectValue)item)[name]?.ToString() ?? "";
}
