using System.Text.RegularExpressions;
using CsCheck;

namespace Provision.Spec.Tests;

/// <summary>Format is the inverse of parsing, and the JSON Schema pattern covers whatever parses.</summary>
public sealed class TypeProperties
{
    private static readonly (ScalarType Type, string Alphabet)[] All =
    [
        (Types.Bytes(allowMax: true), "0125.KMGTPikmax"),
        (Types.Bytes(10, 5000), "0125.Kik"),
        (Types.ByteRate(), "0125.KMGi"),
        (Types.CountRate(allowMax: true), "0125.kMGmax"),
        (Types.BitRate(), "015.kMGTbit"),
        (Types.Duration(), "0135.usmh"),
        (Types.Cpus(allowMax: true), "0125.%max"),
        (Types.Integer(-5000, 5000, allowMax: true), "-0123max"),
        (Types.Bool, "trueTRUEfalsFALS"),
        (Types.Mode, "0o1234567"),
        (Types.Mac, "0248ace:-"),
        (Types.AnyMac, "0f1E:-"),
        (Types.InterfaceAddress, "012.:/f"),
        (Types.Network, "012.:/f"),
        (Types.IpAddress, "0125.:fF"),
        (Types.CpuList, "0123,-"),
        (Types.LinkName, "ab0.-_:/ é"),
        (Types.ResourceName, "ab0.-A"),
        (Types.ReferenceAny, "Cb0/.-"),
        (Types.Reference("Cgroup"), "ab0.-"),
        (Types.AbsolutePath, "/a.~ é"),
        (Types.Signal, "SIGTERMHUPKILrtmin+1350"),
        (Types.Range(2, 4000), "0123-"),
        (Types.Word("member", "on", "off"), "membronf"),
        (Types.Text(), "ab \n\"'#:${}"),
        (Types.Text(pattern: "^[a-z]+$", expected: "letters"), "abc1"),
    ];

    // Texts that random letters seldom hit.
    private static readonly string[] Seeds =
    [
        "0", "5", "max", "1.5", "150%", "256Mi", "1.5Gi", "50M", "10ms", "1.5s", "2h", "100Mbit", "true", "False", "0755", "1777",
        "02:00:00:88:00:0A", "06-00-00-00-00-01", "10.0.0.1/24", "fd00::1/64", "10.0.0.0/8", "fd00::/8", "::1", "1:0:0:2::3",
        "0-3,7", "7,0-3", "eth0", "web", "a.b", "Cgroup/web", "/a/b", "/", "SIGTERM", "term", "15", "RTMIN+3", "40", "20-30",
        "member", "on", "abc", "-5", "4999", "1000%", "9223372036854775806", "::ffff:1.2.3.4", "255.255.255.255/32",
    ];

    public static TheoryData<int> Indexes() => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void FormatAfterParse_AnyTextThatParses_SameValueAndPatternCoversIt(int index)
    {
        var (type, alphabet) = All[index];
        var random = Gen.Char[alphabet].Array[0, 20].Select(static c => new string(c));
        var mutated = Gen.Select(Gen.OneOf(Seeds), Gen.Int[0, 12], Gen.Char[alphabet], static (seed, at, c) =>
            seed.Insert(Math.Min(at, seed.Length), c.ToString()));
        var parsed = 0;
        Gen.OneOf(random, mutated, Gen.OneOf(Seeds)).Sample(
            text =>
            {
                if (!type.TryParse(text, out var value, out _))
                    return;
                Interlocked.Increment(ref parsed);
                var formatted = type.Format(value);
                Assert.True(type.TryParse(formatted, out var again, out var error), $"{text} → {formatted}: {error}");
                Assert.Equal(value, again);
                Assert.Equal(formatted, type.Format(again));
                foreach (var written in (string[])[text, formatted])
                    Assert.True(Covered(type, written), $"pattern {type.Pattern} does not cover {written}");
            },
            iter: 2_000);
        Assert.True(parsed > 0, "no text parsed: the alphabet does not fit the type");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void ParseAfterFormat_AnyNumber_SameNumber(int index)
    {
        var type = All[index].Type;
        var round = Gen.Select(Gen.Long[0, 1L << 20], Gen.OneOf(1L, 1000, 1024, 1_000_000, 1 << 20, 60_000_000, 3_600_000_000), static (a, b) => a * b);
        Gen.OneOf(Gen.Long[0, long.MaxValue - 1], round).Sample(number =>
        {
            Assert.True(type.TryParse(type.Format(new NumberValue(number)), out var value, out var error), error);
            Assert.Equal(number, ((NumberValue)value).Number);
        });
    }

    [Fact]
    public void ParseAfterFormat_AnyCpus_SameNumber() =>
        Gen.Long[1, 8_192_000_000].Sample(static number =>
        {
            var type = Types.Cpus();
            Assert.True(type.TryParse(type.Format(new NumberValue(number)), out var value, out var error), error);
            Assert.Equal(number, ((NumberValue)value).Number);
        });

    private static bool Covered(ScalarType type, string text) =>
        !type.Words.IsEmpty ? type.Words.Contains(text)
        : type.Pattern is null || Regex.IsMatch(text, type.Pattern, RegexOptions.ECMAScript);
}
