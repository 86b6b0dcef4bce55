using System.Collections.Frozen;
using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>The system calls of one architecture by name and by number, as kernel headers state them.</summary>
internal sealed class SyscallTable
{
    private static readonly Lazy<FrozenSet<string>> AnywhereElse = new(static () => SyscallData.Elsewhere.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet());

    private readonly FrozenDictionary<string, uint> _numbers;
    private readonly FrozenDictionary<uint, string> _names;

    /// <param name="data">Names and numbers in turn, separated by white space.</param>
    public SyscallTable(string data)
    {
        var words = data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var pairs = words.Chunk(2).Select(static p => (Name: p[0], Number: uint.Parse(p[1], CultureInfo.InvariantCulture))).ToList();
        _numbers = pairs.ToFrozenDictionary(static p => p.Name, static p => p.Number);
        // arm has one number under two names: the first in the alphabet speaks for it.
        _names = pairs.GroupBy(static p => p.Number).ToFrozenDictionary(static g => g.Key, static g => g.First().Name);
    }

    public IEnumerable<string> Names => _numbers.Keys;

    public IEnumerable<uint> Numbers => _names.Keys;

    /// <summary>Null where this architecture has no such call.</summary>
    public uint? Number(string name) => _numbers.TryGetValue(name, out var number) ? number : null;

    public string? Name(uint number) => _names.GetValueOrDefault(number);

    /// <summary>A call of some architecture of Linux, with a table here or not.</summary>
    public static bool IsKnownAnywhere(string name) =>
        AnywhereElse.Value.Contains(name) || ArchInfo.All.Any(a => a.Table.Number(name) is not null);
}
