namespace Provision.Kernel.Launch;

/// <summary>Numbers for the names of slots. A slot is known from its first result on: one that is read before is a mistake.</summary>
internal sealed class SlotTable(int capacity)
{
    private readonly Dictionary<string, short> _numbers = new(StringComparer.Ordinal);

    public short Define(string name)
    {
        if (_numbers.TryGetValue(name, out var known))
            return known;
        if (_numbers.Count == capacity)
            throw new InvalidOperationException($"a program has at most {capacity} slots");
        return _numbers[name] = (short)_numbers.Count;
    }

    public short Find(string name) => _numbers.TryGetValue(name, out var number)
        ? number
        : throw new InvalidOperationException($"slot {name} is read before a step or an input fills it");
}
