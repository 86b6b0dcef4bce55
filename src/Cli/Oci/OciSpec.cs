namespace Provision.Cli.Oci;

/// <summary><c>spec</c>: a config.json to begin with, that runs a shell in namespaces of its own.</summary>
internal static class OciSpec
{
    private const string Name = "config.json";

    // As other runtimes have it: where controllers are v1's, the hierarchies are seen as they are.
    private const string OfCgroup = """, { "type": "cgroup" }""";

    /// <summary>What it says: no right but to bind low ports, kill and write audit records, and the paths masked that every engine masks.</summary>
    private const string Proposed = """
        {
          "ociVersion": "1.0.2",
          "process": {
            "terminal": true,
            "user": { "uid": 0, "gid": 0 },
            "args": [ "sh" ],
            "env": [ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm" ],
            "cwd": "/",
            "capabilities": {
              "bounding": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
              "effective": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
              "permitted": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ]
            },
            "rlimits": [ { "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 } ],
            "noNewPrivileges": true
          },
          "root": { "path": "rootfs", "readonly": true },
          "hostname": "provision",
          "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" ] },
            { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ] },
            { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": [ "nosuid", "noexec", "nodev" ] },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [ "nosuid", "noexec", "nodev", "ro" ] },
            { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": [ "nosuid", "noexec", "nodev", "relatime", "ro" ] }
          ],
          "linux": {
            "resources": { "devices": [ { "allow": false, "access": "rwm" } ] },
            "namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }, { "type": "cgroup" } ],
            "maskedPaths": [
              "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
              "/proc/scsi", "/sys/firmware"
            ],
            "readonlyPaths": [ "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" ]
          }
        }

        """;

    public static int Write(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "bundle|b=", "rootless");
        if (words.Words.Count > 0)
            throw new OciException($"spec: {words.Words[0]} is one word too many");
        if (words.Has("rootless"))
            throw new OciException("--rootless: containers are made by root");
        var path = Path.GetFullPath(Name, Path.GetFullPath(words.Value("bundle") ?? "."));
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(System.Text.Encoding.UTF8.GetBytes(run.BundleHost.Unified ? Proposed : Proposed.Replace(OfCgroup, "", StringComparison.Ordinal)));
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new OciException($"writing {path}: {OciErrors.Text(FileError.Errno(e))}");
        }

        return ExitCode.Done;
    }
}
