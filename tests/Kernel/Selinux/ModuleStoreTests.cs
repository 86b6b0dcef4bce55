namespace Provision.Kernel.Selinux;

public sealed class ModuleStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("provision-store-").FullName;

    [Theory]
    [InlineData("# SELINUXTYPE=no\nSELINUX=enforcing\n SELINUXTYPE=default \n", "default")]
    [InlineData("SELINUX=enforcing\n", null)]
    [InlineData("SELINUXTYPE=\n", null)]
    [InlineData("SELINUXTYPE=../x\n", null)]
    public void PolicyIn_Configuration_IsTheNameThatItStates(string text, string? policy) => Assert.Equal(policy, ModuleStore.PolicyIn(text));

    [Fact]
    public void Read_ModulesOfTheStore_AreThoseOfPriority400()
    {
        Write("400/plain", "cil", "(type a_t)\n"u8.ToArray());
        Write("400/packed", "cil", Convert.FromBase64String("QlpoOTFBWSZTWXK2xsgAAAFTgAAQQGAAAK4IRCAgACKZMGmUIBoA9jkES5ISW/F3JFOFCQcrbGyA"));
        Write("400/other", "pp", [1, 2, 3]);
        Write("100/base", "cil", "(type base_t)\n"u8.ToArray());

        var modules = new ModuleStore("default", _root).Read();

        Assert.Equal(["other", "packed", "plain"], modules.Keys);
        Assert.Equal(("(type a_t)\n", "(type packed_t)\n", null), (modules["plain"].Text, modules["packed"].Text, modules["other"].Text));
    }

    [Fact]
    public void Missing_NoStore_SaysSo()
    {
        Assert.Contains("default has no modules", new ModuleStore("default", _root).Missing, StringComparison.Ordinal);
        Assert.Empty(new ModuleStore("default", _root).Read());
        Assert.Contains("SELINUXTYPE", new ModuleStore(null, _root).Missing, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string module, string language, byte[] content)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "default/active/modules", module)).FullName;
        File.WriteAllText(Path.Combine(folder, "lang_ext"), language);
        File.WriteAllBytes(Path.Combine(folder, language), content);
    }
}
