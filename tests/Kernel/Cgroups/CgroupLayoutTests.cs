namespace Provision.Kernel.Tests;

public sealed class CgroupLayoutTests
{
    private const string Hybrid = """
        31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        33 31 0:30 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
        """;

    [Fact]
    public void Discover_Hybrid_TakesV2FirstAndOnlyManagedV1()
    {
        var layout = CgroupLayout.Discover(Hybrid, path => path == "/sys/fs/cgroup/unified" ? "hugetlb\n" : null);

        Assert.Equal(["unified", "memory", "cpu"], layout.Hierarchies.Select(h => h.Name));
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", layout.For("cpu")!.MountPoint);
        Assert.Same(layout.Unified, layout.For("hugetlb"));
        Assert.True(layout.Primary.Unified);
        Assert.Null(layout.For("pids"));
        Assert.Equal("cpu, hugetlb, memory", layout.ControllersText);
    }

    [Fact]
    public void Discover_PureV2_IsOneHierarchy()
    {
        var layout = CgroupLayout.Discover(
            "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", _ => "cpuset cpu io memory pids\n");

        var only = Assert.Single(layout.Hierarchies);
        Assert.Equal("/sys/fs/cgroup", only.MountPoint);
        Assert.Equal("cpuset cpu io memory pids", string.Join(" ", only.Controllers));
    }

    [Fact]
    public void Discover_PureV1_MemoryCarriesTheMarks()
    {
        var layout = CgroupLayout.Discover("""
            1 0 0:1 / /cg/pids rw - cgroup none rw,pids
            2 0 0:2 / /cg/memory rw - cgroup none rw,memory
            """, _ => null);

        Assert.Equal("/cg/memory", layout.Primary.MountPoint);
    }

    [Fact]
    public void Discover_PureV1_HasTheFreezerThatNothingElseIs()
    {
        var layout = CgroupLayout.Discover("""
            1 0 0:1 / /cg/freezer rw - cgroup none rw,freezer
            2 0 0:2 / /cg/memory rw - cgroup none rw,memory
            """, _ => null);

        Assert.Equal("/cg/freezer", layout.For("freezer")!.MountPoint);
        Assert.Equal("/cg/memory", layout.Primary.MountPoint);
    }

    [Fact]
    public void Discover_HierarchyMountedAgainInPart_TakesTheWhole()
    {
        var layout = CgroupLayout.Discover("""
            1 0 0:1 /docker/abc /run/part rw - cgroup none rw,memory
            2 0 0:1 / /cg/memory rw - cgroup none rw,memory
            3 0 0:1 /docker/def /run/other rw - cgroup none rw,memory
            """, _ => null);

        Assert.Equal("/cg/memory", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void Discover_MountedOver_TakesTheOneThatIsSeen()
    {
        var layout = CgroupLayout.Discover("""
            1 0 8:1 / / rw - ext4 /dev/vda rw
            2 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
            3 2 0:40 / /sys/fs/cgroup rw - tmpfs none rw
            4 3 0:26 / /sys/fs/cgroup/unified rw - cgroup2 none rw
            """, _ => "memory\n");

        Assert.Equal("/sys/fs/cgroup/unified", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void Discover_InACgroupNamespace_TakesTheNamespacesRoot()
    {
        var layout = CgroupLayout.Discover("""
            44 42 0:26 /.. /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate
            52 48 0:26 / /mnt/cg rw,relatime - cgroup2 none rw,nsdelegate
            """, _ => "memory\n");

        Assert.Equal("/mnt/cg", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void Discover_OnlyWhatLiesAboveTheNamespace_TakesThat() => Assert.Equal("/sys/fs/cgroup", Assert.Single(CgroupLayout.Discover(
        "44 42 0:26 /.. /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n", _ => "memory\n").Hierarchies).MountPoint);

    [Theory]
    [InlineData("ro", "rw")]
    [InlineData("rw", "ro")]
    public void Discover_OneThatTakesNoWrites_TakesTheOther(string mount, string fileSystem)
    {
        var layout = CgroupLayout.Discover($"""
            44 42 0:26 / /sys/fs/cgroup {mount},relatime - cgroup2 cgroup2 {fileSystem}
            52 42 0:26 /.. /host/cgroup rw,relatime - cgroup2 none rw
            """, _ => "memory\n");

        Assert.Equal("/host/cgroup", Assert.Single(layout.Hierarchies).MountPoint);
    }

    [Fact]
    public void Primary_NothingMounted_SaysSo() =>
        Assert.Contains("no cgroup hierarchy", Assert.Throws<InvalidOperationException>(() => CgroupLayout.Discover("", _ => null).Primary).Message);

    [Theory]
    [InlineData("default", "provision")]
    [InlineData("test-1", "provision-test-1")]
    public void InstanceRoot_Named_IsApart(string instance, string expected) =>
        Assert.Equal(expected, CgroupLayout.InstanceRoot(instance));
}
