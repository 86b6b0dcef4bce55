using System.Diagnostics;

namespace Provision.EndToEnd.Oci;

/// <summary>Podman with Provision as its runtime: an engine that nobody made for it.</summary>
[Trait("Needs", "podman")]
public sealed class PodmanTests : OciLab
{
    [RootFact]
    public void Run_OfARootDirectory_PassesStreamsAndStatusAndConfines()
    {
        var result = Podman("run", "--rm", "--network", "none", "--memory", "64m", "--pids-limit", "20", "--volume", "/etc/hostname:/x:ro", "--read-only", "--read-only-tmpfs=false",
            "--rootfs", Root, "/bin/sh", "-c", "cat /x /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; echo a >/y; exit 3").Exited(3);

        Assert.Equal($"{File.ReadAllText("/etc/hostname")}67108864\n20\nNoNewPrivs:\t0\nSeccomp:\t2\n", result.Out);
        Assert.Contains("Read-only file system", result.Err, StringComparison.Ordinal);
    }

    [RootFact]
    public void Container_FromStartToEnd_IsDrivenByThePodmansOwnCommands()
    {
        var name = NewId();
        Podman("run", "--detach", "--name", name, "--network", "none", "--rootfs", Root,
            "/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 1; done").Succeeded();

        Assert.Equal("running provision-oci", Podman("inspect", name, "--format", "{{.State.Status}} {{.OCIRuntime}}").Succeeded().Out.Trim().Replace(Link, "provision-oci", StringComparison.Ordinal));
        Assert.Equal("inside\n", Podman("exec", name, "/bin/sh", "-c", "echo inside; exit 4").Exited(4).Out);
        Assert.Equal(127, Podman("exec", name, "/no/such").ExitCode);
        Podman("pause", name).Succeeded();
        Assert.Equal("paused", Podman("inspect", name, "--format", "{{.State.Status}}").Succeeded().Out.Trim());
        Podman("unpause", name).Succeeded();
        Until(() => Podman("logs", name).Succeeded().Out == "hello\n", "its log is there");
        Podman("stop", "--time", "600", name).Succeeded();
        Assert.Equal("exited 0", Podman("inspect", name, "--format", "{{.State.Status}} {{.State.ExitCode}}").Succeeded().Out.Trim());
        Assert.Equal("hello\nbye\n", Podman("logs", name).Succeeded().Out);
        Podman("rm", name).Succeeded();
        Assert.Empty(Podman("ps", "--all", "--quiet").Succeeded().Out);
    }

    [RootFact]
    public void Run_OfAnImageWithATerminal_HasOne()
    {
        var archive = At("root.tar");
        Command.Run("tar", ["-C", Root, "-cf", archive, "."]).Succeeded();
        Podman("import", archive, "local/box").Succeeded();

        var result = Podman("run", "--rm", "--tty", "--network", "none", "local/box", "/bin/sh", "-c", "stat -c %F /dev/console; stat -c %F /dev/stdin; [ -t 0 ] && echo terminal; exit 5").Exited(5);

        Assert.Contains("character special file\r\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("terminal\r\n", result.Out, StringComparison.Ordinal);
    }

    [RootFact]
    public void Run_WhatCannotBe_IsToldByPodman()
    {
        Assert.Equal(127, Podman("run", "--rm", "--network", "none", "--rootfs", Root, "/no/such").ExitCode);
        Assert.Contains("linux.personality", Podman("run", "--rm", "--network", "none", "--personality", "LINUX32", "--rootfs", Root, "/bin/true").Err, StringComparison.Ordinal);
    }

    private string Link => At("provision-oci");

    // Storage, state and cgroups of the test's own.
    private CommandResult Podman(params string[] words)
    {
        if (!File.Exists(Link))
            File.CreateSymbolicLink(Link, Binary.Path);
        string[] whole =
        [
            "--runtime", Link, "--cgroup-manager", "cgroupfs", "--root", At("storage"), "--runroot", At("run"), "--tmpdir", At("tmp"), "--storage-driver", "vfs", "--events-backend", "file",
            words[0], .. words[0] is "run" ? ["--cgroup-parent", "/" + Group] : (string[])[], .. words[1..],
        ];
        // The host's policy has no types for containers: Podman is not to label.
        File.WriteAllText(At("containers.conf"), "[containers]\nlabel = false\n");
        return Command.Run(new ProcessStartInfo("podman", whole) { Environment = { ["CONTAINERS_CONF"] = At("containers.conf") } }, "", TimeSpan.FromMinutes(10));
    }
}
