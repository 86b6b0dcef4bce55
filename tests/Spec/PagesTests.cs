using System.Text.Json;

namespace Provision.Spec.Tests;

/// <summary>explain, JSON Schema and the reference page against kept files (UPDATE_GOLDEN=1 rewrites them).</summary>
public sealed class PagesTests
{
    private static string Kept(string name) => Path.Combine(Repository.Folder("Pages"), name);

    [Theory]
    [InlineData("Cgroup", null)]
    [InlineData("Cgroup", "memory")]
    [InlineData("Cgroup", "spec.memory.max")]
    [InlineData("Cgroup", "parent")]
    [InlineData("Bridge", "ports.vlans")]
    [InlineData("Bridge", "metadata.managementPolicy")]
    [InlineData("Container", "token")]
    public void Explain_Topic_AsKept(string kind, string? path)
    {
        var schema = TestKinds.All.Find(kind)!;
        var topic = path is null ? Explain.Kind(schema) : Explain.Field(schema, path);
        Repository.AssertKept(Kept($"explain-{kind}{(path is null ? "" : "-" + path)}.txt"), ExplainText.Render(topic!));
    }

    [Fact]
    public void Explain_UnknownField_Null() => Assert.Null(Explain.Field(TestKinds.Cgroup, "memory.nope"));

    [Fact]
    public void Explain_Paths_EachExplained() =>
        Assert.All(Explain.Paths(TestKinds.Bridge), static path => Assert.NotNull(Explain.Field(TestKinds.Bridge, path)));

    [Fact]
    public void JsonSchema_AllKinds_AsKept()
    {
        var schema = JsonSchema.Write(TestKinds.All);
        using var parsed = JsonDocument.Parse(schema);
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", parsed.RootElement.GetProperty("$schema").GetString());
        Repository.AssertKept(Kept("schema.json"), schema);
    }

    [Fact]
    public void ReferencePage_AllKinds_AsKept() => Repository.AssertKept(Kept("reference.md"), ReferencePage.Markdown(TestKinds.All));
}
