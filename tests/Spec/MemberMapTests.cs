using CsCheck;

namespace Provision.Spec.Tests;

public sealed class MemberMapTests
{
    private static readonly Gen<string> Name = Gen.Char["abcdeZ_0"].Array[1, 3].Select(static c => new string(c));

    private static readonly Gen<(string Name, long? Value)[]> Changes =
        Gen.Select(Name, Gen.Long[0, 3], Gen.Bool, static (name, value, removes) => (name, removes ? null : (long?)value)).Array[0, 24];

    // The last of two changes of a name counts.
    private static IEnumerable<KeyValuePair<string, Value>> Set((string Name, long? Value)[] changes) =>
        changes.Where(static c => c.Value is not null).Select(static c => KeyValuePair.Create(c.Name, (Value)c.Value!.Value));

    [Fact]
    public void Changes_InAnyOrder_GiveWhatASortedDictionaryHas() => Changes.Sample(static changes =>
    {
        var expected = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        var map = MemberMap.Empty;
        foreach (var (name, value) in changes)
        {
            if (value is { } number)
                expected[name] = number;
            else
                expected.Remove(name);
            map = value is { } set ? map.SetItem(name, set) : map.Remove(name);
        }

        Assert.Equal(expected, map);
        Assert.Equal(expected.Count, map.Count);
        Assert.All(changes, c => Assert.Equal(expected.GetValueOrDefault(c.Name), map.Find(c.Name)));
        Assert.Equal(map, MemberMap.Of(expected.Reverse()));
        Assert.Equal(map.GetHashCode(), MemberMap.Of(expected.Reverse()).GetHashCode());
    });

    [Fact]
    public void Builder_AnyChanges_LeavesTheMapThatItBeganWith() => Gen.Select(Changes, Changes).Sample(static (first, second) =>
    {
        var before = MemberMap.Of(Set(first));
        var names = before.Keys.ToList();
        var builder = before.ToBuilder();
        foreach (var (name, value) in Set(second))
            builder[name] = value;

        Assert.Equal(MemberMap.Of(Set(first).Concat(Set(second))), builder.ToImmutable());
        Assert.Equal(names, before.Keys);
    });

    [Fact]
    public void SetItem_TheSameValue_GivesTheSameMap()
    {
        Value value = "x";
        var map = MemberMap.Empty.Add("a", value);

        Assert.Same(map, map.SetItem("a", value));
        Assert.Same(map, map.Remove("b"));
        Assert.Same(map, map.ToBuilder().ToImmutable());
    }

    [Fact]
    public void Equals_OneValueOrOneNameOff_IsFalse()
    {
        var map = MemberMap.Empty.Add("a", 1).Add("b", 2);

        Assert.NotEqual(map, map.SetItem("b", 3));
        Assert.NotEqual(map, MemberMap.Empty.Add("a", 1).Add("c", 2));
        Assert.NotEqual(map, map.Remove("b"));
    }

    [Fact]
    public void Add_AnotherValueForAMember_Throws() =>
        Assert.Throws<ArgumentException>(static () => MemberMap.Empty.Add("a", 1).Add("a", 2));

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":{"b":1,"b":1}}""")]
    public void CanonicalJson_AMemberTwice_IsNone(string json) => Assert.Null(CanonicalJson.TryParse(json));
}
