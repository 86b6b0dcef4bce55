namespace Provision.Kernel.Sandbox;

public sealed class SandboxCheckTests
{
    private static readonly SandboxSpec Minimal = Samples.Minimal;

    private static readonly Dictionary<string, SandboxSpec> Mistakes = new()
    {
        ["mnt namespace must be private"] = Minimal with { Namespaces = new() { Mnt = NamespaceChoice.Host } },
        ["time namespace cannot be joined"] = Minimal with { Namespaces = new() { Time = new(NamespaceKind.Path, "/proc/1/ns/time") } },
        ["absolute path when it is that of a path"] = Minimal with { Namespaces = new() { Net = new(NamespaceKind.Path) } },
        ["needs id maps"] = Minimal with { Namespaces = new() { User = NamespaceChoice.Private } },
        ["others take none"] = Minimal with { IdMaps = new([new(0, 1, 1)], [new(0, 1, 1)]) },
        ["must map user 0"] = Minimal with { Namespaces = new() { User = NamespaceChoice.Private }, IdMaps = new([new(1, 1, 1)], [new(0, 1, 1)]) },
        ["root directory is an absolute path"] = Minimal with { Root = Minimal.Root with { Directory = "srv" } },
        ["shared below an overlay"] = Minimal with { Root = new(RootKind.Host, null, ReadOnly: false, Overlay: false, null, null, []) },
        ["both an upper and a work directory"] = Minimal with { Root = Minimal.Root with { Overlay = true, Upper = "/a" } },
        ["only an overlay has them"] = Minimal with { Root = Minimal.Root with { Upper = "/a", Work = "/b" } },
        ["in the same directory"] = Minimal with { Root = Minimal.Root with { Overlay = true, Upper = "/a/up", Work = "/b/work" } },
        ["cannot hold , : or"] = Minimal with { Root = Minimal.Root with { Overlay = true, Upper = "/a/up,x", Work = "/a/work" } },
        ["mount /a: a bind has an absolute source"] = Minimal with { Mounts = [new(MountKind.Bind, null, "/a")] },
        ["mount /a/../b: a target"] = Minimal with { Mounts = [new(MountKind.Tmpfs, null, "/a/../b")] },
        ["mount /proc/sys: a target"] = Minimal with { Mounts = [new(MountKind.Tmpfs, null, "/proc/sys")] },
        ["mount /: a target"] = Minimal with { Mounts = [new(MountKind.Tmpfs, null, "/")] },
        ["lies below /dev"] = Minimal with { Devices = [new("/etc/null", DeviceType.Char, 1, 3)] },
        ["covered paths are absolute"] = Minimal with { Security = SecuritySpec.Default with { MaskedPaths = ["proc"] } },
        ["is not absolute"] = Minimal with { WorkingDirectory = "a" },
        ["kernel.panic does not belong"] = Minimal with { Sysctls = [new("kernel.panic", "1")] },
        ["net.ipv4.ip_forward does not belong"] = Minimal with { Namespaces = new() { Net = NamespaceChoice.Host }, Sysctls = [new("net.ipv4.ip_forward", "1")] },
        ["is no name"] = Minimal with { Sysctls = [new("net/../kernel/panic", "1")] },
        ["the command is empty"] = Minimal with { Command = [] },
        ["needs a private uts"] = Minimal with { Hostname = "a", Namespaces = new() { Uts = NamespaceChoice.Host } },
        ["a filter has 1 to 4096 instructions"] = Minimal with { Security = SecuritySpec.Default with { SeccompFilter = [1] } },
    };

    public static TheoryData<string> Reasons => [.. Mistakes.Keys];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Compile_OfAMistake_NamesIt(string reason)
    {
        var error = Assert.Throws<SandboxException>(() => SandboxCompiler.Compile(Mistakes[reason], new SandboxHost(null)));

        Assert.StartsWith("web-1: ", error.Message);
        Assert.Contains(reason, error.Message);
    }
}
