namespace Provision.Kernel.Seccomp;

/// <summary>A word of struct seccomp_data in the accumulator, all of it or masked.</summary>
internal readonly record struct Word(uint Offset, uint Mask = uint.MaxValue)
{
    public bool IsWhole => Mask == uint.MaxValue;
}

/// <summary>A step of a decision: a graph without circles in which equal steps are one object.</summary>
/// <param name="Needs">What the accumulator must hold on the way in; null where that does not matter.</param>
/// <param name="Worst">Instructions on the longest way out.</param>
internal abstract record Node(Word? Needs, int Worst);

internal sealed record ReturnNode(SeccompAction Action) : Node(null, 1);

internal sealed record LoadNode(uint Offset, Node Next) : Node(null, 1 + Next.Worst);

internal sealed record AndNode(Word Word, Node Next) : Node(new Word(Word.Offset), 1 + Next.Worst);

internal sealed record JumpNode(Word Word, ushort Code, uint K, Node True, Node False)
    : Node(Word, 1 + Math.Max(True.Worst, False.Worst));
