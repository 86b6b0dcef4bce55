using CsCheck;

namespace Provision.Testing.States;

/// <summary>
/// The decisions that a generated set of manifests is made of, by name; 0 is always the least that can be chosen (absent,
/// the default). A failing pair is made smaller by putting decisions back to 0, and stays valid all the way.
/// </summary>
internal sealed class Choices
{
    private readonly PCG? _random;
    private readonly Choices? _like;
    private readonly int _keep;
    private readonly Dictionary<string, int> _made;

    /// <param name="random">Where new decisions come from.</param>
    /// <param name="like">Decisions that are kept where they still can be made.</param>
    /// <param name="keep">How often they are, in percent.</param>
    public Choices(PCG random, Choices? like = null, int keep = 0) => (_random, _like, _keep, _made) = (random, like, keep, []);

    private Choices(Dictionary<string, int> made) => _made = made;

    public IReadOnlyDictionary<string, int> Made => _made;

    /// <summary>One of so many: 0 up to count - 1. Asked again, the answer is the same.</summary>
    public int Pick(string name, int count)
    {
        if (!_made.TryGetValue(name, out var choice))
            _made[name] = choice = New(name, count);
        return Math.Min(choice, count - 1);
    }

    /// <summary>Yes, so often of a hundred.</summary>
    public bool Is(string name, int percent) => Pick(name, 100) >= 100 - percent;

    /// <summary>One of these, the first of which is the least.</summary>
    public string Of(string name, params ReadOnlySpan<string> values) => values[Pick(name, values.Length)];

    /// <summary>The same with these decisions taken back to 0.</summary>
    public Choices Without(IReadOnlySet<string> names) => new(_made.ToDictionary(static m => m.Key, m => names.Contains(m.Key) ? 0 : m.Value));

    /// <summary>The same with these decisions as others have them.</summary>
    public Choices As(Choices other, IReadOnlySet<string> names) =>
        new(_made.ToDictionary(static m => m.Key, m => names.Contains(m.Key) ? other._made.GetValueOrDefault(m.Key) : m.Value));

    private int New(string name, int count)
    {
        if (_random is null)
            return 0;
        if (_like?._made.TryGetValue(name, out var before) == true && Draw(100) < _keep)
            return before;
        return Draw(count);
    }

    private int Draw(int count) => Gen.Int[0, count - 1].Generate(_random!, null, out _);
}

/// <summary>Two sets of manifests, one to be applied after the other, and which operations of the way are to go wrong.</summary>
internal sealed record Pair(Choices Before, Choices After, int Fault)
{
    /// <summary>The pair of a seed: sometimes two strangers, sometimes all but the same.</summary>
    public static Pair Of(ulong seed, Features features)
    {
        var random = new PCG(1, seed);
        var before = new Choices(random);
        StateGen.Manifests(before, features, "");
        var keep = new[] { 0, 60, 85, 95 }[Gen.Int[0, 3].Generate(random, null, out _)];
        var after = new Choices(random, before, keep);
        StateGen.Manifests(after, features, "");
        return new Pair(before, after, Gen.Int[0, 1000].Generate(random, null, out _));
    }

    /// <summary>Ways to a smaller pair, the big steps first; each has some pairs to offer.</summary>
    public IEnumerable<Func<Pair, IEnumerable<Pair>>> Less()
    {
        var names = Before.Made.Concat(After.Made).Where(static m => m.Value != 0).Select(static m => m.Key).Distinct().ToList();
        var groups = names.GroupBy(static n => n.Split('.')[0]).Select(static g => g.ToHashSet());
        return groups.Concat(names.Select(static n => (HashSet<string>)[n])).Select(static some => (Func<Pair, IEnumerable<Pair>>)(pair => Less(pair, some)));
    }

    private static IEnumerable<Pair> Less(Pair pair, HashSet<string> some) =>
    [
        pair with { Before = pair.Before.Without(some), After = pair.After.Without(some) },
        pair with { After = pair.After.As(pair.Before, some) },
        pair with { Before = pair.Before.Without(some) },
        pair with { After = pair.After.Without(some) },
    ];

    public bool IsSmallerThan(Pair other) => Size < other.Size;

    // What differs counts as what is there does.
    private int Size => Before.Made.Values.Count(static v => v != 0) + After.Made.Values.Count(static v => v != 0)
        + After.Made.Count(m => m.Value != Before.Made.GetValueOrDefault(m.Key));
}
