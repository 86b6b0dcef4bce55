namespace Provision.Cli.Tests;

/// <summary>Manifests that several tests use.</summary>
internal static class Texts
{
    public const string Crate = "apiVersion: provision/v1\nkind: Box\nmetadata: {name: crate}\nspec: {size: \"3\"}\n";
}
