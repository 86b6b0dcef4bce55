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
}
