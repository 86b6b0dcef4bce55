namespace Provision.Spec;

/// <summary>Gathers members for a <see cref="MemberMap"/>, one after the other.</summary>
public sealed class MemberMapBuilder
{
    private readonly MemberMap _start;
    private string[] _names;
    private Value[] _values;
    private int _count;
    private bool _changed;

    internal MemberMapBuilder(MemberMap start)
    {
        _start = start;
        _count = start.Count;
        _names = new string[_count + 4];
        _values = new Value[_count + 4];
        start.CopyTo(_names, _values);
    }

    /// <summary>Sets a member.</summary>
    public Value this[string name]
    {
        set
        {
            var at = MemberMap.IndexOf(_names.AsSpan(0, _count), name);
            if (at >= 0)
            {
                _changed |= !ReferenceEquals(_values[at], value);
                _values[at] = value;
                return;
            }

            if (_count == _names.Length)
            {
                Array.Resize(ref _names, _count * 2);
                Array.Resize(ref _values, _count * 2);
            }

            at = ~at;
            Array.Copy(_names, at, _names, at + 1, _count - at);
            Array.Copy(_values, at, _values, at + 1, _count - at);
            (_names[at], _values[at]) = (name, value);
            _count++;
            _changed = true;
        }
    }

    /// <summary>What was gathered; the map that it began with where nothing changed.</summary>
    public MemberMap ToImmutable() => _changed ? new MemberMap(_names[.._count], _values[.._count]) : _start;
}
