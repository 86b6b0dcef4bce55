namespace Provision.Kernel.Seccomp;

/// <summary>
/// Makes the steps of a decision, equal ones once, and holds the rule that makes comparisons right: what a step
/// compares is what the accumulator holds on every way to it.
/// </summary>
internal sealed class NodeFactory
{
    private readonly Dictionary<(char Kind, ulong Word, ulong Code, int True, int False), Node> _made = [];
    private readonly Dictionary<Node, int> _ids = new(ReferenceEqualityComparer.Instance);

    public Node Return(SeccompAction action) => Once(('r', 0, action.Value, 0, 0), () => new ReturnNode(action));

    /// <summary>The word into the accumulator, masked where the word is, then on.</summary>
    public Node Load(Word word, Node next)
    {
        if (next.Needs is null)
            return next;
        if (next.Needs != word)
            throw new InvalidOperationException($"the next step compares {next.Needs}, not {word}");
        var whole = word.IsWhole ? next : Once(('a', Key(word), 0, Id(next), 0), () => new AndNode(word, next));
        return Once(('l', word.Offset, 0, Id(whole), 0), () => new LoadNode(word.Offset, whole));
    }

    /// <param name="code">One of the conditional jumps of <see cref="SockFilter"/>.</param>
    public Node Jump(Word word, ushort code, uint k, Node yes, Node no)
    {
        yes = Onward(word, yes);
        no = Onward(word, no);
        if (ReferenceEquals(yes, no))
            return yes;
        if ((yes.Needs ?? word) != word || (no.Needs ?? word) != word)
            throw new InvalidOperationException($"a way out of {word} compares another word");
        return Once(('j', Key(word), ((ulong)code << 32) | k, Id(yes), Id(no)), () => new JumpNode(word, code, k, yes, no));
    }

    // What is in the accumulator already need not be loaded again.
    private static Node Onward(Word word, Node node) =>
        node is LoadNode load && load.Offset == word.Offset && word.IsWhole ? load.Next : node;

    private static ulong Key(Word word) => ((ulong)word.Mask << 32) | word.Offset;

    private int Id(Node node) => _ids[node];

    private Node Once((char, ulong, ulong, int, int) key, Func<Node> make)
    {
        if (_made.TryGetValue(key, out var node))
            return node;
        _made.Add(key, node = make());
        _ids.Add(node, _ids.Count + 1);
        return node;
    }
}
