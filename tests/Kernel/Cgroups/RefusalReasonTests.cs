using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>Which errnos of cgroup v2's control files are told with a reason, and which are left as they are.</summary>
public sealed class RefusalReasonTests
{
    private static readonly CgroupLayout Layout = CgroupLayout.Discover(
        "30 1 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n31 1 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
        static _ => "");

    [Theory]
    [InlineData(Errno.EPERM, "memory.max", "nsdelegate")]
    [InlineData(Errno.ENODEV, "io.max", "whole disks only")]
    [InlineData(Errno.EOPNOTSUPP, "cgroup.procs", "threaded")]
    public void Explain_OnV2_SaysWhy(int errno, string file, string reason) =>
        Assert.Contains(reason, RefusalReason.Explain(Refused(errno), Layout.Unified!, file)!.Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData(Errno.EINVAL, "io.max")]
    [InlineData(Errno.ENODEV, "memory.max")]
    [InlineData(Errno.EOPNOTSUPP, "cpu.max")]
    public void Explain_OfOthers_LeavesTheErrnoAlone(int errno, string file) =>
        Assert.Null(RefusalReason.Explain(Refused(errno), Layout.Unified!, file)!.Detail);

    [Fact]
    public void Explain_OnV1_KnowsNoDelegation() =>
        Assert.Null(RefusalReason.Explain(Refused(Errno.EPERM), Layout.Named("memory")!, "memory.limit_in_bytes")!.Detail);

    [Fact]
    public void Explain_WhatSaysMoreAlready_IsKept() =>
        Assert.Equal("said", RefusalReason.Explain(Refused(Errno.EPERM) with { Detail = "said" }, Layout.Unified!, "memory.max")!.Detail);

    private static KernelError Refused(int errno) => new("write", "/sys/fs/cgroup/a", "1", errno);
}
