using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>Instructions to text, with the names of what they load, compare and return.</summary>
public static class Disassembler
{
    /// <summary>One line an instruction: <c>  3  jeq 41 (socket)  → 7, else 4</c>, with targets as line numbers.</summary>
    public static ImmutableArray<string> Lines(SeccompProgram program)
    {
        var loaded = new Loaded(program.Instructions);
        var width = (program.Instructions.Length - 1).ToString(CultureInfo.InvariantCulture).Length;
        return [.. program.Instructions.Select((step, at) => $"{at.ToString(CultureInfo.InvariantCulture).PadLeft(width)}  {Text(step, at, loaded)}")];
    }

    private static string Text(SockFilter step, int at, Loaded loaded)
    {
        var k = step.K;
        return step.Code switch
        {
            SockFilter.Load => $"ld {Field(k)}",
            SockFilter.And => $"and 0x{k:x}",
            SockFilter.Return => $"ret {new SeccompAction(k)}",
            SockFilter.Jump => Line($"ja → {at + 1L + k}"),
            SockFilter.JumpEqual => Jump("jeq", Operand()),
            SockFilter.JumpGreater => Jump("jgt", Operand()),
            SockFilter.JumpAtLeast => Jump("jge", Operand()),
            SockFilter.JumpSet => Jump("jset", $"0x{k:x}"),
            _ => $"code 0x{step.Code:x2} jt {step.JumpTrue} jf {step.JumpFalse} k 0x{k:x}",
        };

        string Jump(string name, string operand) => Line($"{name} {operand} → {at + 1 + step.JumpTrue}, else {at + 1 + step.JumpFalse}");

        string Operand() => loaded.At(at) switch
        {
            SeccompData.ArchOffset => ArchName(k),
            SeccompData.NumberOffset => CallName(k, loaded.ArchAt(at)),
            _ => k > 0xffff ? $"0x{k:x}" : Line($"{k}"),
        };
    }

    /// <summary><c>nr</c>, <c>arch</c>, <c>args[0].low</c>.</summary>
    internal static string Field(uint offset) => offset switch
    {
        SeccompData.NumberOffset => "nr",
        SeccompData.ArchOffset => "arch",
        8 => "ip.low",
        12 => "ip.high",
        < SeccompData.Size when offset % 4 == 0 => Line($"args[{(offset - SeccompData.ArgumentsOffset) / 8}].{((offset & 4) == 0 ? "low" : "high")}"),
        _ => $"[{offset}]",
    };

    private static string ArchName(uint audit) =>
        ArchInfo.All.FirstOrDefault(a => a.Audit == audit) is { } arch ? $"0x{audit:x8} ({arch.Name})" : $"0x{audit:x8}";

    private static string CallName(uint number, uint? audit)
    {
        var text = number >= ArchInfo.X32Bit ? $"0x{number:x8}" : number.ToString(CultureInfo.InvariantCulture);
        return audit is { } a && ArchInfo.OfCall(a, number) is { } arch && arch.Table.Name(number - arch.Bit) is { } name ? $"{text} ({(arch.Bit == 0 ? "" : "x32 ")}{name})" : text;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the accumulator was loaded from, and which architecture was asked for, on the way to each instruction.</summary>
    private sealed class Loaded
    {
        private readonly (uint? Offset, uint? Arch)[] _states;

        public Loaded(ImmutableArray<SockFilter> steps)
        {
            _states = new (uint?, uint?)[steps.Length];
            for (var i = 0; i < steps.Length; i++)
            {
                var (offset, arch) = _states[i];
                var step = steps[i];
                if (step.Code == SockFilter.Load)
                    offset = step.K;
                if (step.Code == SockFilter.Jump)
                    Reach(i + 1L + step.K, offset, arch);
                else if ((step.Code & 7) == 5)
                {
                    var equalArch = step.Code == SockFilter.JumpEqual && offset == SeccompData.ArchOffset;
                    Reach(i + 1L + step.JumpTrue, offset, equalArch ? step.K : arch);
                    Reach(i + 1L + step.JumpFalse, offset, arch);
                }
                else if ((step.Code & 7) != 6)
                    Reach(i + 1L, offset, arch);
            }
        }

        public uint? At(int at) => _states[at].Offset;

        public uint? ArchAt(int at) => _states[at].Arch;

        // Where ways meet, the first that is known names what is compared.
        private void Reach(long at, uint? offset, uint? arch)
        {
            if (at < _states.Length)
                _states[at] = (_states[at].Offset ?? offset, _states[at].Arch ?? arch);
        }
    }
}
