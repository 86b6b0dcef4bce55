using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>A call that two filters treat differently, with arguments that show it.</summary>
/// <param name="Arch">Null for an architecture without a table here.</param>
/// <param name="Last">The last number of a range of calls without names; else the call's own.</param>
/// <param name="Name">Null where no call has the number.</param>
/// <param name="Witness">The first number, with the arguments.</param>
/// <param name="Arguments">Whether arguments decide; else the witness's are all 0 and say nothing.</param>
public sealed record VerdictChange(SeccompArch? Arch, uint Last, string? Name, SeccompData Witness, bool Arguments, SeccompAction Before, SeccompAction After)
{
    /// <summary><c>amd64</c>, or the audit number.</summary>
    public string ArchName => Arch is { } arch ? ArchInfo.Of(arch).Name : $"0x{Witness.Arch:x8}";

    /// <summary><c>socket(0x100000026, 0, 0, 0, 0, 0)</c>, <c>mount</c>, <c>472–1073741823</c>.</summary>
    public string Call => Name is null ? Range : Arguments ? $"{Name}({string.Join(", ", Witness.Arguments.Select(Hex))})" : Name;

    private string Range => Last == Witness.Number ? Number(Last) : $"{Number(Witness.Number)}–{Number(Last)}";

    private static string Number(uint number) =>
        number >= ArchInfo.X32Bit ? $"0x{number:x8}" : number.ToString(CultureInfo.InvariantCulture);

    private static string Hex(ulong value) => value < 10 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
}
