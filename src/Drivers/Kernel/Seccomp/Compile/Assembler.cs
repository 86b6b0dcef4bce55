using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// Steps to instructions, from the last to the first, so that the distance to everything that a step leads to is known
/// when it is written. What lies beyond the 255 instructions of a conditional jump is reached through a nearer copy
/// (of a return) or an unconditional jump.
/// </summary>
internal sealed class Assembler
{
    private const int Farthest = byte.MaxValue;

    // Backwards; a step's place is the count of instructions from its own to the end.
    private readonly List<SockFilter> _steps = [];
    private readonly Dictionary<Node, int> _places = new(ReferenceEqualityComparer.Instance);

    public static ImmutableArray<SockFilter> Assemble(Node root)
    {
        var assembler = new Assembler();
        assembler.Emit(root);
        assembler._steps.Reverse();
        return [.. assembler._steps];
    }

    private void Emit(Node node)
    {
        if (_places.ContainsKey(node))
            return;
        switch (node)
        {
            case ReturnNode leaf:
                Put(node, new SockFilter(SockFilter.Return, 0, 0, leaf.Action.Value));
                break;
            case LoadNode load:
                Before(load.Next);
                Put(node, new SockFilter(SockFilter.Load, 0, 0, load.Offset));
                break;
            case AndNode and:
                Before(and.Next);
                Put(node, new SockFilter(SockFilter.And, 0, 0, and.Word.Mask));
                break;
            case JumpNode jump:
                Emit(jump.False);
                Emit(jump.True);
                Near(jump);
                Put(node, new SockFilter(jump.Code, (byte)Distance(jump.True), (byte)Distance(jump.False), jump.K));
                break;
        }
    }

    // The next step must be the very next instruction.
    private void Before(Node next)
    {
        Emit(next);
        if (Distance(next) > 0)
            Bridge(next);
    }

    // A bridge for one target moves the other one instruction away.
    private void Near(JumpNode jump)
    {
        while (true)
        {
            if (Distance(jump.True) > Farthest)
                Bridge(jump.True);
            else if (Distance(jump.False) > Farthest)
                Bridge(jump.False);
            else
                return;
        }
    }

    private void Bridge(Node target) => Put(target, target is ReturnNode leaf
        ? new SockFilter(SockFilter.Return, 0, 0, leaf.Action.Value)
        : new SockFilter(SockFilter.Jump, 0, 0, (uint)Distance(target)));

    private int Distance(Node target) => _steps.Count - _places[target];

    private void Put(Node node, SockFilter step)
    {
        _steps.Add(step);
        _places[node] = _steps.Count;
    }
}
