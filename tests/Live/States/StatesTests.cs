using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Provision.Testing.States;

/// <summary>
/// Pairs of sets of manifests over all kinds, generated: A is applied, then B over it. Every plan is empty after its apply and
/// has no operation too many and no replace that need not be; whatever fails is taken back; what others have is left alone;
/// and it does not matter where one comes from.
/// <para>
/// The pairs are the same in every run. PROVISION_STATES=500 tries so many instead, PROVISION_STATES_FROM=70 begins at that
/// seed; a failure tells its seed and a smaller pair that fails as well.
/// </para>
/// </summary>
[Trait("Needs", "cgroup-v1")]
public sealed partial class StatesTests(ITestOutputHelper output)
{
    // Attempts to make a failing pair smaller.
    private const int Attempts = 60;

    [RootTheory]
    [InlineData(false, 14)]
    [InlineData(true, 6)]
    public void Apply_AnySetOverAnyOther_KeepsEveryPromise(bool containers, int usual)
    {
        using var netns = new OwnNetns();
        using var directory = new OwnDirectory();
        var features = Features.Here(netns) with { Containers = containers };
        var root = StateGen.Root(directory);
        var from = Number("PROVISION_STATES_FROM", 1);
        var found = new Dictionary<string, string>();
        for (var seed = from; seed < from + Number("PROVISION_STATES", usual); seed++)
        {
            var pair = Pair.Of((ulong)seed, features);
            if (Failure(pair, features, root) is not { } failure || found.ContainsKey(What(failure)))
                continue;
            var (smaller, why) = Smallest(pair, failure, features, root);
            found[What(failure)] = $"PROVISION_STATES_FROM={seed} PROVISION_STATES=1 {features}\nfirst: {failure.Message}\nsmaller: {why}\n{new PairCase(smaller, features, root).Text}";
        }

        output.WriteLine($"seeds from {from}, {features}");
        Assert.True(found.Count == 0, string.Join('\n', found.Values));
    }

    private static (Pair Pair, string Why) Smallest(Pair pair, Exception failure, Features features, string root)
    {
        var why = failure.ToString();
        var left = Attempts;
        for (var found = true; found && left > 0;)
        {
            found = false;
            foreach (var less in pair.Less())
                foreach (var smaller in less(pair).Where(s => s.IsSmallerThan(pair)))
                    if (left-- > 0 && Failure(smaller, features, root) is { } still && What(still) == What(failure))
                    {
                        (pair, why, found) = (smaller, still.ToString(), true);
                        break;
                    }
        }

        return (pair, why);
    }

    // Failures of one kind: their first line without names and numbers.
    private static string What(Exception failure) => Numbered().Replace(failure.Message.Split('\n')[0], "#");

    private static Exception? Failure(Pair pair, Features features, string root)
    {
        try
        {
            new PairCase(pair, features, root).Run();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static int Number(string variable, int usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    [GeneratedRegex(@"\S*\d\S*")]
    private static partial Regex Numbered();
}
