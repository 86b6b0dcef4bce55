using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>The fields of a SelinuxPolicy.</summary>
internal static class SelinuxPolicyFields
{
    public const string Enforcing = "enforcing", Permissive = "permissive";

    /// <summary>The module that is a part of Provision.</summary>
    public const string BuiltIn = "builtin";

    public const string FileName = "file";

    public static Field Mode { get; } = new("mode", Types.Word(Enforcing, Permissive),
        "Whether the policy refuses or only tells what it would refuse (selinuxfs' enforce). Until the host starts again.")
    { DefaultDoc = "as it is" };

    public static Field Booleans { get; } = new("booleans", new MapType(Types.Bool),
        "Booleans of the policy by name, as setsebool(8) without -P has it. One that is not named stays as it is.")
    { DefaultDoc = "as they are" };

    public static Field ModuleName { get; } = new("name", Types.Text("^[A-Za-z][A-Za-z0-9_-]*$", "the name of a policy module", 128), "Name in the policy's store.") { Required = true };

    public static Field Cil { get; } = new("cil", Types.Text(maxLength: 1 << 18), "Source in CIL.") { Required = true, Brief = Digest };

    public static Field Source { get; } = new("source",
        new UnionType(
            Types.Word(BuiltIn),
            new ObjectType([new Field(FileName, Types.Text(expected: "a path relative to the manifest", maxLength: 4095), "A module in CIL, in the manifest's directory or below it.") { Required = true }]),
            new ObjectType([Cil])),
        "What the module consists of: Provision's own (the types provision_container_t and provision_container_file_t), a file beside the manifest, or CIL written out.")
    { Default = BuiltIn, Brief = Digest };

    public static Field Modules { get; } = new("modules",
        new ListType(new ObjectType([ModuleName, Source]), static item => item is ObjectValue o ? o.Text(ModuleName) ?? "" : "", "name"),
        "Modules of the policy, installed at priority 400 with a mark in their first line. Modules that others installed stay as they are.")
    { Default = ListValue.Empty };

    public static Field ContextPath { get; } = new("path", Types.AbsolutePath, "A file or a directory that is there; no part of it is a symbolic link.") { Required = true };

    public static Field ContextType { get; } = new("type", Types.Text("^[A-Za-z_][A-Za-z0-9_.]*$", "a type of the loaded policy", 255), "Type of the label system_u:object_r:TYPE:LEVEL.") { Required = true };

    public static Field ContextLevel { get; } = new("level", SelinuxLevel.Instance, "Level of the label.") { Default = "s0" };

    public static Field ContextRecurse { get; } = new("recurse", Types.Bool, "With all that is below it: no further than its own mount, and symbolic links keep their labels.") { Default = true };

    public static Field FileContexts { get; } = new("fileContexts",
        new ListType(new ObjectType([ContextPath, ContextType, ContextLevel, ContextRecurse]), static item => item is ObjectValue o ? o.Text(ContextPath) ?? "" : "", "path"),
        "Labels of files (security.selinux). Written where type or level differ; files keep their labels when they are no longer named.")
    { DefaultDoc = "as they are" };

    private static string? Digest(Value value) => value switch
    {
        TextValue { Text: BuiltIn } => null,
        TextValue text => $"(CIL, sha256:{Sha256.Hex(text.Text)[..12]})",
        ObjectValue written when written["cil"] is TextValue text => Digest(text),
        _ => null,
    };
}
