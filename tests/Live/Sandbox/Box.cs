using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// A root of busybox in a directory of the test's own, and what is started in it. Not in /tmp, which may be a tmpfs: that
/// takes no id maps before Linux 6.3.
/// </summary>
internal sealed class Box : IDisposable
{
    private readonly OwnDirectory _directory = new("/var/tmp");
    private readonly Launcher _launcher = new();

    public Box()
    {
        Root = Path.Combine(_directory.Path, "root");
        Directory.CreateDirectory(Path.Combine(Root, "bin"));
        Directory.CreateDirectory(Path.Combine(Root, "etc"));
        File.Copy("/bin/busybox", Path.Combine(Root, "bin/busybox"));
        File.CreateSymbolicLink(Path.Combine(Root, "bin/sh"), "busybox");
        File.WriteAllText(Path.Combine(Root, "etc/secret"), "secret\n");
        Launcher = new SandboxLauncher(_launcher, Host);
    }

    public static SandboxHost Host { get; } = SandboxHost.Discover();

    /// <summary>The host's path of the root.</summary>
    public string Root { get; }

    /// <summary>The directory around it.</summary>
    public string Around => _directory.Path;

    public SandboxLauncher Launcher { get; }

    public Launcher Processes => _launcher;

    /// <summary>A shell line in a container with everything at its default.</summary>
    public SandboxSpec Shell(string line) => new()
    {
        Name = "box",
        Root = new(RootKind.Directory, Root, ReadOnly: false, Overlay: true, Upper: null, Work: null, Hidden: []),
        Namespaces = new(),
        Command = ["/bin/busybox", "sh", "-c", line],
        Env = ["PATH=/bin"],
    };

    /// <summary>Runs to the end; stdout and stderr in one.</summary>
    public (int Code, string Out) Run(SandboxSpec spec, SandboxNamespaces? made = null)
    {
        var path = Path.Combine(_directory.Path, UniqueName.Of("out"));
        using (var output = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite))
        using (var nothing = File.OpenHandle("/dev/null"))
        {
            var fd = (int)output.DangerousGetHandle();
            using var child = Launcher.Start(spec, new LaunchStdio((int)nothing.DangerousGetHandle(), fd, fd), made);
            var exit = child.Wait();
            return (exit.Shell, File.ReadAllText(path));
        }
    }

    /// <summary>Runs a line that must end with 0, and gives what it said.</summary>
    public string Say(SandboxSpec spec, SandboxNamespaces? made = null)
    {
        var (code, said) = Run(spec, made);
        Assert.True(code == 0, $"exit code {code}: {said}");
        return said;
    }

    public string Say(string line) => Say(Shell(line));

    /// <summary>Starts what runs until it is killed; the caller reaps it.</summary>
    public Launched Start(SandboxSpec spec)
    {
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        var fd = (int)nothing.DangerousGetHandle();
        return Launcher.Start(spec, new LaunchStdio(fd, fd, fd));
    }

    public void Dispose()
    {
        _launcher.Dispose();
        _directory.Dispose();
    }
}
