using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Drivers.SecurityProfile;

/// <summary>
/// A seccomp profile in a manifest: OCI's shape (config-linux.md, Seccomp) with the conditions that Docker and Podman add.
/// What the words mean is the profile reader's business, which knows the lines of JSON files as well.
/// </summary>
internal static class SeccompFields
{
    public const string FileName = "file";

    private const long LargestErrno = 65535;

    /// <summary>The operands of a comparison, which go beyond a value's number.</summary>
    public static bool IsOperand(string name) => name is "value" or "valueTwo";

    /// <summary>A profile beside the manifest.</summary>
    public static ObjectType File() => new([new Field(FileName, Types.Text(expected: "a path relative to the manifest", maxLength: 4095), "A profile in JSON as Docker, Podman and OCI have it, in the manifest's directory or below it.") { Required = true }]);

    public static ObjectType Profile() => new(
    [
        new Field("defaultAction", Types.Word([.. SeccompWords.Actions]), "What happens to calls that no rule names.") { Required = true },
        new Field("defaultErrnoRet", Types.Integer(0, LargestErrno), "The error of SCMP_ACT_ERRNO.") { DefaultDoc = "1, EPERM" },
        Text("defaultErrno", "The same by its name, as Podman writes it beside the number."),
        Texts("architectures", "Architectures besides this machine's own: SCMP_ARCH_X86."),
        new Field("archMap", new ListType(new ObjectType([Text("architecture", "The machine's own.", required: true), Texts("subArchitectures", "Those that come with it.")])), "Which architectures come with which machine."),
        new Field("syscalls", new ListType(Rule()), "Rules.") { Brief = Brief },
        Texts("flags", "SECCOMP_FILTER_FLAG_*."),
        Text("listenerPath", "Who answers SCMP_ACT_NOTIFY; refused, since nobody here does."),
        Text("listenerMetadata", "Belongs to listenerPath."),
        Text("comment", "For people."),
    ]);

    /// <summary>What tables show instead of a whole profile.</summary>
    public static string? Brief(Value value)
    {
        var rules = (value is ObjectValue profile ? profile["syscalls"] : value) as ListValue;
        if (value is TextValue || rules is null)
            return null;
        var calls = rules.Items.OfType<ObjectValue>().SelectMany(static r => (r["names"] as ListValue)?.Items ?? []).Distinct().Count();
        return $"({Count(rules.Items.Length, "rule")} for {Count(calls, "call")}, sha256:{Sha256.Hex(CanonicalJson.Write(value))[..12]})";
    }

    private static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";

    private static ObjectType Rule() => new(
    [
        Texts("names", "System calls."),
        Text("name", "One system call, in older profiles."),
        new Field("action", Types.Word([.. SeccompWords.Actions]), "What happens.") { Required = true },
        new Field("errnoRet", Types.Integer(0, LargestErrno), "The error of SCMP_ACT_ERRNO, or the message of SCMP_ACT_TRACE.") { DefaultDoc = "1, EPERM" },
        Text("errno", "The same by its name."),
        new Field("args", new ListType(new ObjectType(
        [
            new Field("index", Types.Integer(0, 5), "Which argument.") { Required = true },
            Operand("value", "What it is compared with; the mask of SCMP_CMP_MASKED_EQ."),
            Operand("valueTwo", "What the masked argument is to be."),
            new Field("op", Types.Word([.. SeccompWords.Comparisons]), "How.") { Required = true },
        ])), "Comparisons, all of which must hold; with one index twice any of them."),
        Condition("includes", "When the rule counts: all of these."),
        Condition("excludes", "When it does not: any of these."),
        Text("comment", "For people."),
    ]);

    private static Field Condition(string name, string doc) => new(name, new ObjectType(
        [Texts("caps", "Capabilities of the container."), Texts("arches", "Machines, as amd64."), Text("minKernel", "Kernels from this version on, as 5.10.")]), doc);

    private static Field Text(string name, string doc, bool required = false) => new(name, Types.Text(), doc) { Required = required };

    private static Field Texts(string name, string doc) => new(name, new ListType(Types.Text()), doc);

    private static Field Operand(string name, string doc) => new(name,
        Types.Text("^[0-9]{1,20}$", "a whole number of 64 bits", 20, static text => ulong.TryParse(text, out _) ? null : $"{text} does not fit into 64 bits"), doc);
}
