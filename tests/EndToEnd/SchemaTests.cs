namespace Provision.EndToEnd;

public sealed class SchemaTests : LabTest
{
    private string Schema => Lab.Write("schema.json", Command.Run(Binary.Path, ["schema"]).Succeeded().Out);

    [RootFact]
    public void Schema_EveryManifestOfTheRepository_IsValid()
    {
        string[] files =
        [
            Lab.Write("shop.yaml", Manifests.Shop),
            .. Directory.EnumerateFiles(Path.Combine(Binary.Repository, "manifests"), "*.yaml", SearchOption.AllDirectories),
        ];

        JsonSchemaValidator.Check(Schema, files).Succeeded();
        // Those of the quickstart name each other.
        var quickstart = Path.Combine(Binary.Repository, "manifests", "quickstart");
        Assert.All(files.Where(f => !f.StartsWith(quickstart, StringComparison.Ordinal)).Append(quickstart), file => Lab.Run("validate", "-f", file).Exited(0));
    }

    [RootTheory]
    [InlineData("unknown key", "kind: Cgroup\nmetadata: {name: a}\nspec: {memory: {maxx: 1Mi}}")]
    [InlineData("unknown kind", "kind: Cgruop\nmetadata: {name: a}")]
    [InlineData("wrong unit", "kind: Cgroup\nmetadata: {name: a}\nspec: {memory: {max: 12parsecs}}")]
    [InlineData("wrong node", "kind: Bridge\nmetadata: {name: a}\nspec: {addresses: 10.0.0.1/24}")]
    [InlineData("wrong word", "kind: Cgroup\nmetadata: {name: a, managementPolicy: Hope}")]
    [InlineData("bad name", "kind: Cgroup\nmetadata: {name: A_b}")]
    [InlineData("no metadata", "kind: Cgroup")]
    public void Schema_BrokenManifest_IsInvalidForBoth(string what, string text)
    {
        var path = Lab.Write("broken.yaml", $"apiVersion: provision/v1\n{text}\n");

        Assert.Contains("broken.yaml#1: $", JsonSchemaValidator.Check(Schema, path).Exited(1).Out + what, StringComparison.Ordinal);
        Lab.Run("validate", "-f", path).Exited(3);
    }
}
