using System.Text.Json;

namespace Provision.Kernel.Sandbox;

public sealed class SandboxSpecTests
{
    [Fact]
    public void Json_OfASpecWithEverything_ReadsBackTheSame()
    {
        var text = JsonSerializer.Serialize(Samples.Everything, SandboxJson.Default.SandboxSpec);

        var read = JsonSerializer.Deserialize(text, SandboxJson.Default.SandboxSpec)!;

        Assert.Equal(text, JsonSerializer.Serialize(read, SandboxJson.Default.SandboxSpec));
        Assert.Equal(Samples.Everything.Security.SeccompFilter, read.Security.SeccompFilter);
        Assert.Equal(Samples.Everything.Mounts, read.Mounts);
    }

    [Fact]
    public void Json_WithoutWhatMayBeLeftOut_HasTheDefaults()
    {
        const string text = """{"name":"a","root":{"kind":"Host","hidden":[]},"namespaces":{},"command":["a"],"security":{"noNewPrivileges":true}}""";

        var read = JsonSerializer.Deserialize(text, SandboxJson.Default.SandboxSpec)!;

        Assert.Empty(read.Mounts);
        Assert.Equal("/", read.WorkingDirectory);
        Assert.Equal(NamespaceChoice.Private, read.Namespaces.Pid);
        Assert.Equal(NamespaceChoice.Host, read.Namespaces.User);
        Assert.True(read.Security.NoNewPrivileges);
        Assert.Equal(Capability.Docker, read.Security.Capabilities.Bounding);
    }

    [Fact]
    public void Json_OfSecurityThatDoesNotSayNoNewPrivileges_IsRefused()
    {
        const string text = """{"name":"a","root":{"kind":"Host","hidden":[]},"namespaces":{},"command":["a"],"security":{}}""";

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(text, SandboxJson.Default.SandboxSpec));
    }

    [Theory]
    [InlineData("CAP_SYS_ADMIN", 21)]
    [InlineData("sys_admin", 21)]
    [InlineData("CAP_CHECKPOINT_RESTORE", 40)]
    [InlineData("CAP_NONE", null)]
    public void Number_OfAName_IsTheKernels(string name, int? number) => Assert.Equal(number, Capability.Number(name));

    [Fact]
    public void Docker_InHex_IsWhatDockerGives() => Assert.Equal(0xa80425fbUL, Capability.Docker);
}
