using System.Globalization;
using System.Text;
using Provision.Kernel;
using Provision.Kernel.Launch;
using Provision.Kernel.Runtime;
using Provision.Kernel.Terminals;

namespace Provision.Cli.Oci;

/// <summary><c>create</c> and <c>run</c>.</summary>
internal sealed class OciCreate(Surroundings host, OciWords global, string command)
{
    private static readonly string[] Options =
    [
        "bundle|b=", "config|f=", "pid-file=", "console-socket=", "preserve-fds=", "no-pivot", "no-new-keyring", "no-subreaper", "detach|d", "keep",
    ];

    private readonly OciRun _run = new(host, global, command);

    public int Create(IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, _run.Command, firstEnds: false, [.. Options.Where(static o => o is not ("detach|d" or "keep"))]);
        Make(words, relay: false, out var process, out _).Dispose();
        process.Dispose();
        return ExitCode.Done;
    }

    /// <summary>The container's exit status unless it is detached; then, as after every failure, nothing of it is left.</summary>
    public int RunIt(IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, _run.Command, firstEnds: false, Options);
        var id = _run.IdOf(words);
        var detached = words.Has("detach");
        using var runtime = Make(words, relay: !detached, out var process, out var console);
        using (process)
        using (console)
        {
            int status;
            try
            {
                OciLife.Open(_run, id, runtime);
                if (detached)
                    return ExitCode.Done;
                status = Wait(process, console);
            }
            catch
            {
                OciDelete.Remove(_run, _run.Find(id));
                throw;
            }

            if (!words.Has("keep"))
                OciDelete.Remove(_run, _run.Find(id));
            return status;
        }
    }

    private static int Wait(Launched process, OciConsole? console)
    {
        var master = console?.Master();
        using (master)
        {
            using var raw = master is not null && Terminal.CallersSize() is not null ? RawMode.Enter() : null;
            using var signals = new OciSignals(process);
            if (master is not null)
                RuntimeConsole.Relay(master, process);
            master?.Dispose();
            return process.Wait().Shell;
        }
    }

    private RuntimeLauncher Make(OciWords words, bool relay, out Launched process, out OciConsole? console)
    {
        var id = _run.IdOf(words);
        var bundle = Path.GetFullPath(words.Value("bundle") ?? ".");
        var config = OciRun.Text(Path.GetFullPath(words.Value("config") ?? "config.json", bundle));
        if (words.Has("no-pivot"))
            throw new OciException("--no-pivot: a root that is not pivoted into does not confine");
        var kept = words.Number("preserve-fds");
        if (RuntimeProcess.Missing(kept) is { } missing)
            throw new OciException($"--preserve-fds {kept}: descriptor {missing} is not open");
        var reading = BundleReader.Read(config, bundle, id, _run.BundleHost);
        if (reading.Bundle is not { } read)
            throw OciRun.Refused("config.json", reading.Refusals);
        var socket = words.Value("console-socket");
        if (read.Spec.Terminal && socket is null && !relay)
            throw new OciException("process.terminal: a terminal needs --console-socket, for whoever has its other end");
        if (!read.Spec.Terminal && socket is not null)
            throw new OciException("--console-socket: process.terminal is false");
        if (!_run.Host.IsRoot())
            throw new OciException("containers are made by root", ExitCode.Error);
        var runtime = new RuntimeLauncher(read.Hooks.AtCreation);
        try
        {
            console = !read.Spec.Terminal ? null : socket is null ? OciConsole.Own() : OciConsole.Of(socket);
            process = Make(words, id, bundle, config, kept, read, runtime, console);
            return runtime;
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    private Launched Make(OciWords words, string id, string bundle, string config, int kept, Bundle read, RuntimeLauncher runtime, OciConsole? console)
    {
        var store = _run.Store;
        if (!store.Reserve(id))
            throw new OciException($"container with id exists: {id}");
        var created = _run.Host.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
        var state = new RuntimeState(id, bundle, 0, 0, created, read.Cgroup);
        Launched? process = null;
        var made = false;
        using var cgroup = new RuntimeCgroup(_run.Layout, read.Cgroup);
        try
        {
            store.WriteConfig(id, Encoding.UTF8.GetBytes(config));
            store.Write(state);
            cgroup.Make(read.Limits);
            made = true;
            cgroup.Limit(read.Limits);
            var spec = read.Spec with
            {
                Sandbox = read.Spec.Sandbox with { CgroupDirectories = cgroup.Directories },
                KeptFiles = kept,
                // A terminal that this process relays is of its own one's size.
                TerminalSize = read.Spec.TerminalSize ?? (words.Value("console-socket") is null ? Terminal.CallersSize() : null),
                KeepsKeyring = words.Has("no-new-keyring"),
            };
            process = runtime.Create(spec, store.FifoOf(id), console?.Sender, !read.Hooks.AtCreation ? null : pid =>
            {
                state = state with { Pid = pid, StartTime = RuntimeProcess.StartTime(pid) };
                foreach (var hook in read.Hooks.Prestart.Concat(read.Hooks.CreateRuntime))
                    hook.Run(runtime, _run.Json(state, "creating", config, full: false), bundle);
            });
            state = state with { Pid = process.Pid, StartTime = RuntimeProcess.StartTime(process.Pid) };
            store.Write(state);
            if (words.Value("pid-file") is { } file)
                AtomicFile.Write(file, Encoding.ASCII.GetBytes(process.Pid.ToString(CultureInfo.InvariantCulture)), 0x1A4, durable: false);
            return process;
        }
        catch
        {
            if (process is not null)
            {
                process.Signal(9);
                process.Wait();
                process.Dispose();
            }

            if (made)
                cgroup.Remove();
            store.Remove(id);
            throw;
        }
    }
}
