using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>What confines a container, by /proc/self/status and by what it is refused.</summary>
public sealed class SecurityTests : IDisposable
{
    private readonly Box _box = new();

    public void Dispose() => _box.Dispose();

    [RootFact]
    public void Status_OfAContainer_HasDockersCapabilitiesNothingInheritableAndNoNewPrivileges()
    {
        var status = Status(_box.Shell("busybox cat /proc/self/status"));

        Assert.Equal("00000000a80425fb", status["CapEff"]);
        Assert.Equal("00000000a80425fb", status["CapPrm"]);
        Assert.Equal("00000000a80425fb", status["CapBnd"]);
        Assert.Equal("0000000000000000", status["CapInh"]);
        Assert.Equal("0000000000000000", status["CapAmb"]);
        Assert.Equal("1", status["NoNewPrivs"]);
    }

    [RootFact]
    public void Status_OfSignals_IsAsTheyAreBorn()
    {
        var status = Status(_box.Shell("") with { Command = ["busybox", "cat", "/proc/self/status"] });

        Assert.Equal("0000000000000000", status["SigBlk"]);
        Assert.Equal("0000000000000000", status["SigIgn"]);
        Assert.Equal("0022", status["Umask"]);
    }

    [RootFact]
    public void Status_OfAUser_HasItsIdsGroupsAndAmbientCapabilities()
    {
        var mask = Capability.Mask(["CAP_NET_BIND_SERVICE"]);
        var spec = _box.Shell("") with
        {
            Command = ["busybox", "cat", "/proc/self/status"],
            User = new(1000, 1001, [7, 8]),
            Security = SecuritySpec.Default with { Capabilities = new(mask, mask, mask, mask, mask) },
        };

        var status = Status(spec);

        Assert.Equal("1000\t1000\t1000\t1000", status["Uid"]);
        Assert.Equal("1001\t1001\t1001\t1001", status["Gid"]);
        Assert.Equal("7 8", status["Groups"]);
        Assert.Equal("0000000000000400", status["CapEff"]);
        Assert.Equal("0000000000000400", status["CapAmb"]);
    }

    [RootFact]
    public void Status_OfAUserWithoutAmbientCapabilities_HasNone()
    {
        var status = Status(_box.Shell("busybox cat /proc/self/status") with { User = new(1000, 1000, []) });

        Assert.Equal("0000000000000000", status["CapEff"]);
        Assert.Equal("0000000000000000", status["CapPrm"]);
        Assert.Equal("", status["Groups"]);
    }

    [RootFact]
    public void Descriptors_Inside_AreThreeAndNoMore() =>
        // The shell's own of its glob is gone by the time it prints.
        Assert.Equal("0 1 2\n", _box.Say("cd /proc/self/fd; for f in *; do [ -e $f ] && l=\"$l $f\"; done; echo $l"));

    [RootTheory]
    [InlineData("/proc/kcore", "0")]
    [InlineData("/proc/keys", "0")]
    [InlineData("/proc/timer_list", "0")]
    public void MaskedFile_Inside_IsEmpty(string path, string size) =>
        Assert.Equal(size + "\n", _box.Say($"[ -e {path} ] || {{ echo 0; exit; }}; busybox head -c 10 {path} | busybox wc -c"));

    [RootFact]
    public void MaskedDirectory_Inside_IsEmptyAndReadOnly() =>
        Assert.Equal("sh: can't create /etc/x: Read-only file system\nrefused\n", _box.Say(_box.Shell("busybox ls -A /etc; echo > /etc/x || echo refused") with
        {
            Security = SecuritySpec.Default with { MaskedPaths = ["/etc", "/not/there", "/bin/busybox/x"] },
        }));

    [RootFact]
    public void ReadonlyPath_Inside_CannotBeWritten() =>
        Assert.Equal("sh: can't create /proc/sys/kernel/domainname: Read-only file system\nrefused\nsecret\n",
            _box.Say(_box.Shell("echo x > /proc/sys/kernel/domainname || echo refused; busybox rm /etc/secret 2> /dev/null; busybox cat /etc/secret") with
            {
                Security = SecuritySpec.Default with { ReadonlyPaths = ["/proc/sys", "/etc", "/not/there"] },
            }));

    [RootFact]
    public void Sys_Inside_IsReadOnly() =>
        Assert.Contains("refused", _box.Say("echo x > /sys/kernel/uevent_helper || busybox mkdir /sys/fs/cgroup/x || echo refused"));

    [RootFact]
    public void ProcessesOfTheHost_Inside_AreNotThere() =>
        Assert.Equal("1\n", _box.Say("busybox ls -d /proc/[0-9]* | busybox grep -c '^/proc/1$'; exit 0"));

    [RootFact]
    public void MadeDeviceNode_Inside_CannotBeOpened()
    {
        // CAP_MKNOD is Docker's to have; no cgroup forbids the device here, so the mounts must.
        var said = _box.Say("for d in / /dev /dev/shm; do busybox mknod $d/zero0 c 1 5 && busybox head -c 1 $d/zero0 2>/dev/null | busybox wc -c; done; busybox head -c 3 /dev/zero | busybox wc -c");

        Assert.Equal("0\n0\n0\n3\n", said);
    }

    [RootFact]
    public void Devices_OfTheSpecification_AreMadeWithModeAndOwner()
    {
        var spec = _box.Shell("busybox stat -c '%a %u %g %t %T' /dev/deep/zero2; busybox head -c 2 /dev/deep/zero2 | busybox wc -c") with
        {
            Devices = [new("/dev/deep/zero2", DeviceType.Char, 1, 5, 0x1A0, 5, 6)],
        };

        Assert.Equal("640 5 6 1 5\n2\n", _box.Say(spec));
    }

    [RootFact]
    public void Filter_WithNoNewPrivileges_IsTheLastThingLoaded()
    {
        // Loads the number; 83 or 258 (mkdir, mkdirat; 34 on arm64) → EPERM; the rest is allowed. Nothing else is left to the program but execve.
        byte[] filter =
        [
            0x20, 0, 0, 0, 0, 0, 0, 0,
            0x15, 0, 2, 0, 83, 0, 0, 0,
            0x15, 0, 1, 0, 2, 1, 0, 0,
            0x06, 0, 0, 0, 0, 0, 0xff, 0x7f,
            0x06, 0, 0, 0, 1, 0, 0x05, 0,
        ];
        var spec = _box.Shell("busybox mkdir /made; busybox grep Seccomp: /proc/self/status") with
        {
            Security = SecuritySpec.Default with { SeccompFilter = filter },
        };

        Assert.Equal("busybox: can't create directory '/made': Operation not permitted\nSeccomp:\t2\n", _box.Say(spec).Replace("mkdir: ", "busybox: "));
    }

    [RootFact]
    public void Filter_WithoutNoNewPrivileges_IsLoadedWhileTheRightIsThere()
    {
        byte[] allow = [0x06, 0, 0, 0, 0, 0, 0xff, 0x7f];

        var status = Status(_box.Shell("busybox cat /proc/self/status") with
        {
            User = new(1000, 1000, []),
            Security = SecuritySpec.Default with { SeccompFilter = allow, NoNewPrivileges = false },
        });

        Assert.Equal("2", status["Seccomp"]);
        Assert.Equal("0", status["NoNewPrivs"]);
    }

    [RootFact]
    public void WorkingDirectory_ThroughALeakedDescriptor_IsRefused()
    {
        for (var fd = 3; fd < 12; fd++)
        {
            var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true") with { WorkingDirectory = $"/proc/self/fd/{fd}/../.." }));
            Assert.True(error.Errno is Errno.ELOOP or Errno.ENOENT, error.Message);
        }
    }

    [RootFact]
    public void Command_ThroughALeakedDescriptor_IsNotFound()
    {
        for (var fd = 3; fd < 12; fd++)
            Assert.Equal(Errno.ENOENT, Assert.Throws<LaunchException>(() =>
                _box.Run(_box.Shell("true") with { Command = [$"/proc/self/fd/{fd}/bin/busybox", "true"] })).Errno);
    }

    [RootFact]
    public void SessionKeyring_OfAContainer_IsItsOwn()
    {
        var spec = _box.Shell("busybox cat /proc/keys") with { Security = SecuritySpec.Default with { MaskedPaths = [] } };

        Assert.NotEqual(File.ReadAllText("/proc/keys").Split('\n').Where(static l => l.Contains("_ses")).Order(),
            _box.Say(spec).Split('\n').Where(static l => l.Contains("_ses")).Order());
    }

    private Dictionary<string, string> Status(SandboxSpec spec) =>
        _box.Say(spec).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(':', 2)).ToDictionary(static l => l[0], static l => l[1].Trim());
}
