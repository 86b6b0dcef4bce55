using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Provision.Kernel.Selinux;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>A module of the store with its mark taken off.</summary>
internal sealed record LiveModule(string Name, ModuleMark? Mark, string? Cil)
{
    /// <summary>As manifests have it; one in another language than CIL has no source that could be compared.</summary>
    public ObjectValue Value => ObjectValue.Empty
        .With(SelinuxPolicyFields.ModuleName, Name)
        .With(SelinuxPolicyFields.Source, Cil is null ? null : SelinuxModules.Source(Cil));
}

/// <summary>Modules, as manifests have them and as the store has them.</summary>
internal static partial class SelinuxModules
{
    /// <summary>The store, read once a run.</summary>
    internal sealed record Table(ImmutableArray<LiveModule> Modules);

    public static Table Read(ISelinuxReader reader) => new([.. reader.Modules().Values.Select(static stored =>
    {
        if (stored.Text is null)
            return new LiveModule(stored.Name, null, null);
        var (mark, cil) = ModuleMark.Split(stored.Text);
        return new LiveModule(stored.Name, mark, cil);
    })]);

    /// <summary>The word of the built-in one, else the text.</summary>
    public static Value Source(string cil) => cil == ProvisionModule.Cil
        ? SelinuxPolicyFields.BuiltIn
        : ObjectValue.Empty.With(SelinuxPolicyFields.Cil, cil)[SelinuxPolicyFields.Source.Name] ?? ObjectValue.Empty;

    public static bool IsBuiltIn(ObjectValue module) =>
        (module.Get(SelinuxPolicyFields.Source) ?? SelinuxPolicyFields.Source.Default) is TextValue { Text: SelinuxPolicyFields.BuiltIn };

    /// <summary>The text of a declared module.</summary>
    public static string CilOf(ObjectValue module) => IsBuiltIn(module) ? ProvisionModule.Cil : module.Text(SelinuxPolicyFields.Cil) ?? "";

    /// <summary>The types that it declares.</summary>
    public static ImmutableArray<string> TypesOf(string cil) =>
        [.. TypeStatement().Matches(cil).Select(static m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Takes the files that modules name into the resource.</summary>
    public static Resource Embed(Resource resource, Embedding files)
    {
        var modules = resource.Spec.Objects(SelinuxPolicyFields.Modules).ToList();
        if (!modules.Exists(static m => FileOf(m) is not null))
            return resource;
        for (var i = 0; i < modules.Count; i++)
            if (FileOf(modules[i]) is { } file
                && files.Read(file, resource.Source.At($"modules[{modules[i].Text(SelinuxPolicyFields.ModuleName)}].source")) is { } source)
                modules[i] = modules[i].With(SelinuxPolicyFields.Source, null).With(SelinuxPolicyFields.Cil, source.Text);
        return resource with { Spec = resource.Spec.With(SelinuxPolicyFields.Modules, new ListValue([.. modules])) };
    }

    private static string? FileOf(ObjectValue module) =>
        ((module.Get(SelinuxPolicyFields.Source) as ObjectValue)?[SelinuxPolicyFields.FileName] as TextValue)?.Text;

    [GeneratedRegex(@"^\s*\(\s*type\s+([A-Za-z_][A-Za-z0-9_.]*)\s*\)", RegexOptions.Multiline)]
    private static partial Regex TypeStatement();
}
