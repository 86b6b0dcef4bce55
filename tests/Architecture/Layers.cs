using System.Text.RegularExpressions;

namespace Provision.Architecture;

/// <summary>A part of the program: what its project may reference and which namespaces its files may name.</summary>
/// <param name="Folder">Its folder; a layer inside another's folder (Kernel/) is a project of its own.</param>
/// <param name="Namespace">The namespace of its files (kinds add the name of their folder).</param>
internal sealed record Layer(string Folder, string Project, string Namespace, string[] References, string[] Packages);

/// <summary>The arrows of the design: Cli → Drivers → Kernel → Reconciler → Spec, and never back.</summary>
internal static partial class Layers
{
    private static readonly Layer Spec = new("src/Spec", "Provision.Spec.csproj", "Provision.Spec",
        [],
        ["YamlDotNet"]);

    private static readonly Layer Reconciler = new("src/Reconciler", "Provision.Reconciler.csproj", "Provision.Reconciler",
        ["Provision.Spec"],
        ["Polly.Core", "Microsoft.Extensions.Logging.Abstractions"]);

    private static readonly Layer Kernel = new("src/Drivers/Kernel", "Provision.Kernel.csproj", "Provision.Kernel",
        ["Provision.Reconciler"],
        ["Tmds.LibC"]);

    private static readonly Layer Drivers = new("src/Drivers", "Provision.Drivers.csproj", "Provision.Drivers",
        ["Provision.Kernel"],
        []);

    private static readonly Layer Cli = new("src/Cli", "Provision.Cli.csproj", "Provision.Cli",
        ["Provision.Drivers"],
        [
            "Microsoft.Extensions.Hosting", "Polly.Core", "Serilog", "Serilog.Extensions.Hosting", "Serilog.Formatting.Compact",
            "Serilog.Sinks.Console", "Serilog.Sinks.File", "Spectre.Console", "System.CommandLine",
        ]);

    /// <summary>From the inside out: a layer may name those before it.</summary>
    public static IReadOnlyList<Layer> All { get; } = [Spec, Reconciler, Kernel, Drivers, Cli];

    /// <summary>The layer whose folder holds the file; the innermost where one lies in another.</summary>
    public static Layer? Of(SourceFile file) => All.Where(l => file.In(l.Folder)).MaxBy(static l => l.Folder.Length);

    /// <summary>What is wrong with the namespace of a file and with the namespaces it names; empty when nothing is.</summary>
    public static IEnumerable<string> Violations(SourceFile file)
    {
        if (Of(file) is not { } layer)
        {
            yield return $"{file.Path}: lies in no layer";
            yield break;
        }

        var own = OwnNamespace(file, layer);
        if (DeclaredNamespace().Match(file.Code) is { Success: true } declared && !Within(declared.Groups[1].Value, own))
            yield return $"{file.Path}: is in namespace {declared.Groups[1].Value}, belongs into {own}";

        foreach (Match named in NamedNamespace().Matches(file.Code))
            if (!MayName(layer, own, named.Value))
                yield return $"{file.Path}:{SourceFile.LineAt(file.Code, named.Index)}: names {named.Value}, which {own} must not know";
    }

    // src/Drivers/Bridge/… → Provision.Drivers.Bridge; files directly in src/Drivers see all kinds.
    private static string OwnNamespace(SourceFile file, Layer layer) =>
        layer == Drivers && file.Path.Split('/') is ["src", "Drivers", var kind, _, ..] ? $"{layer.Namespace}.{kind}" : layer.Namespace;

    private static bool MayName(Layer layer, string own, string named)
    {
        var target = All.FirstOrDefault(l => Within(named, l.Namespace));
        if (target is null)
            return true;
        if (target == layer)
            return layer != Drivers || Within(named, own) || own == Drivers.Namespace || named == Drivers.Namespace;
        return All.ToList().IndexOf(target) < All.ToList().IndexOf(layer);
    }

    private static bool Within(string named, string outer) =>
        named == outer || named.StartsWith(outer + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex DeclaredNamespace();

    // In usings and as qualified names.
    [GeneratedRegex(@"\bProvision\.(Spec|Reconciler|Kernel|Drivers(\.\w+)?|Cli)\b")]
    private static partial Regex NamedNamespace();
}
