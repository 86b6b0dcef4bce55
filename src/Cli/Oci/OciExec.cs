using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Provision.Kernel;
using Provision.Kernel.Launch;
using Provision.Kernel.Runtime;
using Provision.Kernel.Terminals;

namespace Provision.Cli.Oci;

/// <summary><c>exec</c>: one more process in a container.</summary>
internal static class OciExec
{
    private static readonly string[] Options =
    [
        "process|p=", "pid-file=", "console-socket=", "detach|d", "tty|t", "cwd=", "user|u=", "env|e=", "preserve-fds=", "no-new-privs", "apparmor=", "process-label=", "cap|c=",
    ];

    public static int Exec(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: true, Options);
        var state = run.Find(run.IdOf(words));
        if (run.StatusOf(state) is var status and not ("running" or "created"))
            throw new OciException($"cannot exec in container {state.Id}: it is {status}");
        var config = run.Store.ReadConfig(state.Id) ?? throw new OciException($"container {state.Id} has lost its config.json");
        var process = words.Value("process") is { } file ? OciRun.Text(file) : Process(words, config);
        var reading = BundleReader.ReadProcess(process, config, state.Bundle, state.Id, run.BundleHost);
        if (reading.Spec is not { } spec)
            throw OciRun.Refused("process", reading.Refusals);
        var terminal = reading.Terminal || words.Has("tty");
        var kept = words.Number("preserve-fds");
        if (RuntimeProcess.Missing(kept) is { } missing)
            throw new OciException($"--preserve-fds {kept}: descriptor {missing} is not open");
        var socket = words.Value("console-socket");
        if (terminal && words.Has("detach") && socket is null)
            throw new OciException("a detached process with a terminal needs --console-socket");
        using var runtime = new RuntimeLauncher(patient: false);
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        spec = spec with { CgroupDirectories = cgroup.Directories };
        using var init = RuntimeProcess.Open(state.Pid, state.StartTime) ?? throw new OciException($"container {state.Id} has ended");
        if (!terminal)
            using (var entered = runtime.Sandboxes.Enter(spec, init, new LaunchStdio(0, 1, 2), kept))
                return End(words, entered, null);
        using (var entered = runtime.Sandboxes.EnterWithTerminal(spec, init, reading.Size ?? Terminal.CallersSize(), out var master))
        using (master)
        {
            if (socket is null)
                return End(words, entered, master);
            using var connected = RuntimeProcess.Connect(socket);
            RuntimeProcess.SendMaster(connected, master);
            return End(words, entered, null);
        }
    }

    private static int End(OciWords words, Launched entered, Microsoft.Win32.SafeHandles.SafeFileHandle? master)
    {
        if (words.Value("pid-file") is { } file)
            AtomicFile.Write(file, Encoding.ASCII.GetBytes(entered.Pid.ToString(CultureInfo.InvariantCulture)), 0x1A4, durable: false);
        if (words.Has("detach"))
            return ExitCode.Done;
        using var raw = master is not null && Terminal.CallersSize() is not null ? RawMode.Enter() : null;
        using var signals = new OciSignals(entered);
        if (master is not null)
        {
            RuntimeConsole.Relay(master, entered);
            master.Dispose();
        }

        return entered.Wait().Shell;
    }

    // The container's own process with what the command line says instead.
    private static string Process(OciWords words, string config)
    {
        if (words.Rest.Count == 0)
            throw new OciException("exec: the command is missing");
        var process = JsonNode.Parse(config)!["process"]!.DeepClone().AsObject();
        process["args"] = Array(words.Rest);
        process["terminal"] = words.Has("tty");
        if (words.Value("cwd") is { } cwd)
            process["cwd"] = cwd;
        foreach (var variable in words.Values("env"))
            (process["env"] ??= new JsonArray()).AsArray().Add((JsonNode?)JsonValue.Create(variable));
        if (words.Has("no-new-privs"))
            process["noNewPrivileges"] = true;
        if (words.Value("apparmor") is { } profile)
            process["apparmorProfile"] = profile;
        if (words.Value("process-label") is { } label)
            process["selinuxLabel"] = label;
        foreach (var capability in words.Values("cap"))
            foreach (var set in new[] { "bounding", "effective", "permitted" })
                ((process["capabilities"] ??= new JsonObject())[set] ??= new JsonArray()).AsArray().Add((JsonNode?)JsonValue.Create(capability));
        if (words.Value("user") is not { } user)
            return process.ToJsonString();
        var ids = user.Split(':');
        if (ids.Length > 2 || !ids.All(static i => uint.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new OciException($"--user {user}: must be UID or UID:GID, by numbers");
        process["user"] = new JsonObject
        {
            ["uid"] = uint.Parse(ids[0], CultureInfo.InvariantCulture),
            ["gid"] = ids.Length > 1 ? uint.Parse(ids[1], CultureInfo.InvariantCulture) : 0,
        };
        return process.ToJsonString();
    }

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(static t => (JsonNode?)JsonValue.Create(t))];
}
