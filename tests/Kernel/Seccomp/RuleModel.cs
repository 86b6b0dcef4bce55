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
    private readonly List<JsonElement> _rules;
    private readonly HashSet<string> _archs;
    private readonly uint _default;
    private readonly Dictionary<(string Arch, uint Number), List<JsonElement>> _named = [];
    private readonly Dictionary<string, uint> _newest = [];
    private readonly Dictionary<string, string> _widths = Pairs(SyscallData.Widths).ToDictionary(static p => p[0], static p => p[1]);

    public RuleModel(string json, SeccompTarget target)
    {
        _profile = JsonDocument.Parse(json).RootElement;
        _target = target;
        _default = Action(_profile, "defaultAction", "defaultErrnoRet");
        _rules = [.. List(_profile, "syscalls").Where(Counts)];
        _archs = [.. Archs()];
        foreach (var arch in (string[])["X86_64", "X32", "X86", "AARCH64", "ARM"])
            foreach (var pair in Pairs(Data(arch)))
            {
                var number = uint.Parse(pair[1]);
                foreach (var rule in _rules.Where(r => List(r, "names").Any(n => n.GetString() == pair[0])))
                {
                    if (!_named.TryGetValue((arch, number), out var rules))
                        _named.Add((arch, number), rules = []);
                    if (!rules.Contains(rule))
                        rules.Add(rule);
                    if (number < 0x0f0000)
                        _newest[arch] = Math.Max(_newest.GetValueOrDefault(arch), number);
                }
            }

        foreach (var rules in _named.Values)
            rules.Sort((a, b) => _rules.IndexOf(a).CompareTo(_rules.IndexOf(b)));
    }

    public uint Verdict(uint audit, uint number, ulong[] arguments)
    {
        var arch = audit switch { 0xC000003E => "X86_64", 0x40000003 => "X86", 0xC00000B7 => "AARCH64", 0x40000028 => "ARM", _ => "" };
        if (arch == "X86_64" && number is >= 0x40000000 and < 0xffffffff)
            (arch, number) = ("X32", number - 0x40000000);
        if (!_archs.Contains(arch))
            return KillProcess;
        if (!_named.TryGetValue((arch, number), out var rules))
            return (_default & 0xffff0000) == 0x00050000 && _newest.TryGetValue(arch, out var newest) && number > newest ? 0x00050000u | 38 : _default;
        var effective = rules.Where(r => Action(r, "action", "errnoRet") != _default).ToList();
        foreach (var rule in effective)
            if (List(rule, "args").Count == 0)
                return Action(rule, "action", "errnoRet");
        var matching = effective.Where(r => Matches(r, arch, number, arguments)).Select(static r => Action(r, "action", "errnoRet")).ToList();
        return matching.Count == 0 ? _default : matching.OrderBy(static a => (int)(a & 0xffff0000)).ThenBy(static a => a).First();
    }

    /// <summary>Arguments around everything that rules compare for a call, all combinations; one set where nothing is.</summary>
    public IEnumerable<ulong[]> Arguments(uint audit, uint number)
    {
        var narrow = audit is 0x40000003 or 0x40000028;
        var arch = audit switch { 0xC000003E => number >= 0x40000000 ? "X32" : "X86_64", 0x40000003 => "X86", 0xC00000B7 => "AARCH64", _ => "ARM" };
        var tests = _named.GetValueOrDefault((arch, arch == "X32" ? number - 0x40000000 : number), []).SelectMany(static r => List(r, "args")).ToList();
        IEnumerable<ulong[]> sets = [[.. Enumerable.Repeat(narrow ? 0xdeadbeefUL : 0xdeadbeef_deadbeef, 6)]];
        foreach (var index in tests.Select(static t => t.GetProperty("index").GetInt32()).Distinct())
        {
            var values = tests.Where(t => t.GetProperty("index").GetInt32() == index).SelectMany(Around).Select(v => narrow ? (uint)v : v).Distinct().ToList();
            sets = sets.SelectMany(s => values.Select(v => { var copy = (ulong[])s.Clone(); copy[index] = v; return copy; })).ToList();
        }

        return sets;
    }

    private static IEnumerable<ulong> Around(JsonElement test)
    {
        const ulong high = 1UL << 32;
        var (one, two) = (Number(test, "value"), Number(test, "valueTwo"));
        foreach (var v in (ulong[])[one, two, one | two, one ^ two])
            foreach (var near in (ulong[])[v - 1, v, v + 1])
                foreach (var far in (ulong[])[near, near + high, near - high, near ^ (1UL << 63), (uint)near])
                    yield return far;
        yield return 0;
        yield return ulong.MaxValue;
        if (test.GetProperty("op").GetString() == "SCMP_CMP_MASKED_EQ")
            for (var bit = 0; bit < 64; bit++)
                yield return two ^ (1UL << bit);
    }

    private bool Matches(JsonElement rule, string arch, uint number, ulong[] arguments)
    {
        var tests = List(rule, "args");
        var repeats = tests.Select(static t => t.GetProperty("index").GetInt32()).Distinct().Count() < tests.Count;
        return repeats ? tests.Any(Holds) : tests.All(Holds);

        bool Holds(JsonElement test)
        {
            var index = test.GetProperty("index").GetInt32();
            var value = arguments[index];
            var name = Pairs(Data(arch)).First(p => p[1] == number.ToString() && List(rule, "names").Any(n => n.GetString() == p[0]))[0];
            if (!_target.Literal && _widths.TryGetValue(name, out var kinds) && index < kinds.Length)
                value = kinds[index] switch { 'i' => (uint)value, 's' => (ushort)value, _ => value };
            var (one, two) = (Number(test, "value"), Number(test, "valueTwo"));
            return test.GetProperty("op").GetString() switch
            {
                "SCMP_CMP_NE" => value != one,
                "SCMP_CMP_LT" => value < one,
                "SCMP_CMP_LE" => value <= one,
                "SCMP_CMP_EQ" => value == one,
                "SCMP_CMP_GE" => value >= one,
                "SCMP_CMP_GT" => value > one,
                _ => (value & one) == two,
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
}
