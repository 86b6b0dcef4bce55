using System.Text.Json;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>
/// What a profile says, taken straight from its JSON: knows nothing of the reader, the compiler or BPF. Shared are only
/// the tables of numbers and widths.
/// </summary>
internal sealed class RuleModel
{
    private const uint KillProcess = 0x80000000;

    private readonly JsonElement _profile;
    private readonly SeccompTarget _target;
    private readonly HashSet<string> _archs;
    private readonly uint _default;
    private readonly Dictionary<(string Arch, uint Number), List<(string Name, Rule Rule)>> _named = [];
    private readonly Dictionary<string, uint> _newest = [];
    private readonly Dictionary<string, string> _widths = Pairs(SyscallData.Widths).ToDictionary(static p => p[0], static p => p[1]);

    public RuleModel(string json, SeccompTarget target)
    {
        _profile = JsonDocument.Parse(json).RootElement;
        _target = target;
        _default = Action(_profile, "defaultAction", "defaultErrnoRet");
        _archs = [.. Archs()];
        var rules = List(_profile, "syscalls").Where(Counts).Select(static r => new Rule(
            [.. List(r, "names").Select(static n => n.GetString()!)], Action(r, "action", "errnoRet"),
            [.. List(r, "args").Select(static t => new Test(t.GetProperty("index").GetInt32(), t.GetProperty("op").GetString()!, Number(t, "value"), Number(t, "valueTwo")))])).ToList();
        foreach (var arch in (string[])["X86_64", "X32", "X86", "AARCH64", "ARM"])
            foreach (var pair in Pairs(Data(arch)))
            {
                var number = uint.Parse(pair[1]);
                foreach (var rule in rules.Where(r => r.Names.Contains(pair[0])))
                {
                    if (!_named.TryGetValue((arch, number), out var named))
                        _named.Add((arch, number), named = []);
                    named.Add((pair[0], rule));
                    if (number < 0x0f0000)
                        _newest[arch] = Math.Max(_newest.GetValueOrDefault(arch), number);
                }
            }

        // arm has two names for one number: their rules count in the profile's order.
        foreach (var named in _named.Values)
            named.Sort((a, b) => rules.IndexOf(a.Rule).CompareTo(rules.IndexOf(b.Rule)));
    }

    public uint Verdict(uint audit, uint number, ulong[] arguments)
    {
        var (arch, own) = Call(audit, number);
        if (!_archs.Contains(arch))
            return KillProcess;
        if (!_named.TryGetValue((arch, own), out var named))
            return (_default & 0xffff0000) == 0x00050000 && _newest.TryGetValue(arch, out var newest) && own > newest ? 0x00050000u | 38 : _default;
        var effective = named.Where(r => r.Rule.Action != _default).ToList();
        foreach (var (_, rule) in effective)
            if (rule.Tests.Length == 0)
                return rule.Action;
        var matching = effective.Where(r => Matches(r.Rule, r.Name, arguments)).Select(static r => r.Rule.Action).ToList();
        return matching.Count == 0 ? _default : matching.OrderBy(static a => (int)(a & 0xffff0000)).ThenBy(static a => a).First();
    }

    /// <summary>Arguments around everything that rules compare for a call, all combinations; one set where nothing is.</summary>
    public IEnumerable<ulong[]> Arguments(uint audit, uint number)
    {
        var narrow = audit is 0x40000003 or 0x40000028;
        var tests = _named.GetValueOrDefault(Call(audit, number), []).SelectMany(static r => r.Rule.Tests).ToList();
        IEnumerable<ulong[]> sets = [[.. Enumerable.Repeat(narrow ? 0xdeadbeefUL : 0xdeadbeef_deadbeef, 6)]];
        foreach (var index in tests.Select(static t => t.Index).Distinct())
        {
            var values = tests.Where(t => t.Index == index).SelectMany(Around).Select(v => narrow ? (uint)v : v).Distinct().ToList();
            sets = sets.SelectMany(s => values.Select(v => { var copy = (ulong[])s.Clone(); copy[index] = v; return copy; })).ToList();
        }

        return sets;
    }

    private static (string Arch, uint Number) Call(uint audit, uint number) => audit switch
    {
        0xC000003E when number is >= 0x40000000 and < 0xffffffff => ("X32", number - 0x40000000),
        0xC000003E => ("X86_64", number),
        0x40000003 => ("X86", number),
        0xC00000B7 => ("AARCH64", number),
        0x40000028 => ("ARM", number),
        _ => ("", number),
    };

    private static IEnumerable<ulong> Around(Test test)
    {
        const ulong high = 1UL << 32;
        foreach (var v in (ulong[])[test.One, test.Two, test.One | test.Two, test.One ^ test.Two])
            foreach (var near in (ulong[])[v - 1, v, v + 1])
                foreach (var far in (ulong[])[near, near + high, near - high, near ^ (1UL << 63), (uint)near])
                    yield return far;
        yield return 0;
        yield return ulong.MaxValue;
        if (test.Op == "SCMP_CMP_MASKED_EQ")
            for (var bit = 0; bit < 64; bit++)
                yield return test.Two ^ (1UL << bit);
    }

    private bool Matches(Rule rule, string name, ulong[] arguments)
    {
        var repeats = rule.Tests.Select(static t => t.Index).Distinct().Count() < rule.Tests.Length;
        return repeats ? rule.Tests.Any(Holds) : rule.Tests.All(Holds);

        bool Holds(Test test)
        {
            var value = arguments[test.Index];
            if (!_target.Literal && _widths.TryGetValue(name, out var kinds) && test.Index < kinds.Length)
                value = kinds[test.Index] switch { 'i' => (uint)value, 's' => (ushort)value, _ => value };
            return test.Op switch
            {
                "SCMP_CMP_NE" => value != test.One,
                "SCMP_CMP_LT" => value < test.One,
                "SCMP_CMP_LE" => value <= test.One,
                "SCMP_CMP_EQ" => value == test.One,
                "SCMP_CMP_GE" => value >= test.One,
                "SCMP_CMP_GT" => value > test.One,
                _ => (value & test.One) == test.Two,
            };
        }
    }

    private bool Counts(JsonElement rule)
    {
        var arch = _target.Arch == SeccompArch.X86_64 ? "amd64" : "arm64";
        if (rule.TryGetProperty("includes", out var includes))
        {
            if (List(includes, "caps").Any(c => !Has(c)))
                return false;
            if (List(includes, "arches") is { Count: > 0 } archs && !archs.Any(a => a.GetString() == arch))
                return false;
            if (includes.TryGetProperty("minKernel", out var kernel) && _target.Kernel < Version.Parse(kernel.GetString()!))
                return false;
        }

        return !rule.TryGetProperty("excludes", out var excludes) ||
            (!List(excludes, "caps").Any(Has) && !List(excludes, "arches").Any(a => a.GetString() == arch) &&
             !(excludes.TryGetProperty("minKernel", out var from) && _target.Kernel >= Version.Parse(from.GetString()!)));

        bool Has(JsonElement capability) => (_target.Capabilities & (1UL << Capability.Names.IndexOf(capability.GetString()!))) != 0;
    }

    private IEnumerable<string> Archs()
    {
        if (!_target.Only.IsEmpty)
            return _target.Only.Select(Name);
        var own = Name(_target.Arch);
        var mapped = List(_profile, "archMap").Where(m => m.GetProperty("architecture").GetString() == $"SCMP_ARCH_{own}").SelectMany(static m => List(m, "subArchitectures"));
        return List(_profile, "architectures").Concat(mapped).Select(static a => a.GetString()!["SCMP_ARCH_".Length..]).Append(own);

        static string Name(SeccompArch arch) => arch == SeccompArch.Arm64 ? "AARCH64" : arch.ToString().ToUpperInvariant();
    }

    private static uint Action(JsonElement of, string action, string errno)
    {
        var data = of.TryGetProperty(errno, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetUInt32() : 1;
        return of.GetProperty(action).GetString() switch
        {
            "SCMP_ACT_ALLOW" => 0x7fff0000,
            "SCMP_ACT_LOG" => 0x7ffc0000,
            "SCMP_ACT_TRACE" => 0x7ff00000 | data,
            "SCMP_ACT_ERRNO" => 0x00050000 | data,
            "SCMP_ACT_TRAP" => 0x00030000,
            "SCMP_ACT_KILL_PROCESS" => KillProcess,
            _ => 0,
        };
    }

    private static string Data(string arch) => arch switch
    {
        "X86_64" => SyscallData.X86_64,
        "X32" => SyscallData.X32,
        "X86" => SyscallData.X86,
        "AARCH64" => SyscallData.Arm64,
        _ => SyscallData.Arm,
    };

    private static ulong Number(JsonElement test, string name) => test.TryGetProperty(name, out var value) ? value.GetUInt64() : 0;

    private static List<JsonElement> List(JsonElement of, string name) =>
        of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static IEnumerable<string[]> Pairs(string data) => data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2);

    private sealed record Rule(HashSet<string> Names, uint Action, Test[] Tests);

    private sealed record Test(int Index, string Op, ulong One, ulong Two);
}
