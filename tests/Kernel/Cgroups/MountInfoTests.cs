namespace Provision.Kernel.Tests;

public sealed class MountInfoTests
{
    [Fact]
    public void Parse_EscapedPath_IsUnescaped()
    {
        var mount = Assert.Single(MountInfo.Parse(@"36 35 98:0 / /mnt/a\040b\134c\303\251 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" + "\n"));

        Assert.Equal(@"/mnt/a b\cé", mount.Path);
        Assert.Equal("/", mount.Root);
        Assert.Equal("ext3", mount.FileSystem);
        Assert.Equal("rw,errors=continue", string.Join(",", mount.SuperOptions));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\n")]
    [InlineData("36 35 98:0 / /mnt rw -\n")]
    [InlineData("- - - - - - - - -\n")]
    public void Parse_WhatIsNoMount_IsLeftOut(string text) => Assert.Empty(MountInfo.Parse(text));

    [Theory]
    [InlineData(@"a\04", @"a\04")]
    [InlineData(@"a\999", @"a\999")]
    [InlineData(@"a\777", @"a\777")]
    [InlineData(@"\011", "\t")]
    public void Unescape_OnlyWholeOctalBytes_AreTaken(string text, string expected) =>
        Assert.Equal(expected, MountInfo.Unescape(text));

    [Theory]
    [InlineData("1 1 0:1 / / rw - rootfs none rw\n2 1 8:1 / / rw - ext4 none rw\n3 2 0:2 / /a rw - tmpfs none rw", "2 3")]
    [InlineData("2 1 8:1 / / rw - ext4 none rw\n3 2 0:2 / /a rw - tmpfs none rw\n4 3 0:3 / /a rw - tmpfs none rw\n5 4 0:4 / /a/b rw - tmpfs none rw", "2 4 5")]
    [InlineData("2 1 8:1 / / rw - ext4 none rw\n3 2 0:2 / /a/b rw - tmpfs none rw\n4 2 0:3 / /a rw - tmpfs none rw", "2 4")]
    [InlineData("3 9 0:2 / /a rw - tmpfs none rw\n4 9 0:2 / /ab rw - tmpfs none rw", "3 4")]
    public void Reachable_MountsOverMounts_LeavesOutWhatIsCovered(string text, string reached) =>
        Assert.Equal(reached, string.Join(' ', MountInfo.Reachable(MountInfo.Parse(text)).Select(static m => m.Id)));
}
