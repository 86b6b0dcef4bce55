using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Tests.Supervise;

/// <summary>/proc/PID/limits, proc_pid_limits(5).</summary>
public sealed class ProcessLimitsTests
{
    private const string Text =
        "Limit                     Soft Limit           Hard Limit           Units     \n" +
        "Max cpu time              unlimited            unlimited            seconds   \n" +
        "Max file size             4096                 unlimited            bytes     \n" +
        "Max open files            1024                 524288               files     \n" +
        "Max nice priority         0                    0                    \n" +
        "Max realtime timeout      unlimited            unlimited            us        \n";

    [Fact]
    public void ParseLimits_NumbersAndUnlimited_AreBoth()
    {
        var limits = ProcessReader.ParseLimits(Text);

        Assert.Equal(5, limits.Count);
        Assert.Equal((RlimitSpec.Infinity, RlimitSpec.Infinity), limits[RlimitResource.Cpu]);
        Assert.Equal((4096UL, RlimitSpec.Infinity), limits[RlimitResource.Fsize]);
        Assert.Equal((1024UL, 524288UL), limits[RlimitResource.Nofile]);
        Assert.Equal((0UL, 0UL), limits[RlimitResource.Nice]);
        Assert.Equal((RlimitSpec.Infinity, RlimitSpec.Infinity), limits[RlimitResource.Rttime]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Max open files")]
    [InlineData("Max open files            1024")]
    [InlineData("Max open files            many                 524288               files")]
    [InlineData("Max open filesystems      1024                 524288               files")]
    public void ParseLimits_OtherText_IsPassedOver(string text) => Assert.Empty(ProcessReader.ParseLimits(text));
}
