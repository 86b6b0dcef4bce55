using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel.Seccomp;

namespace Provision.Cli;

/// <summary>Filters and their differences, for people.</summary>
internal static class SeccompView
{
    public static IEnumerable<Line> Filter(SeccompFilter filter)
    {
        if (filter is { Profile: { } profile, Target: { } target })
        {
            var columns = new Columns("ARCH", "ALLOWED", "BY ARGUMENTS", "REFUSED");
            foreach (var arch in SeccompSummary.Of(profile, target))
                columns.Row((SeccompArchs.Name(arch.Arch), Tint.Bold), Number(arch.Allowed), Number(arch.ByArguments), Number(arch.Refused));
            foreach (var line in columns.Lines())
                yield return line;
            yield return "";
        }

        var program = filter.Program;
        yield return new Line("Filter: ", Tint.Good).Add(
            $"{Words.Count(program.Instructions.Length, "instruction")}, at most {program.WorstExecuted} executed a call; other architectures are killed; system calls of Linux {SeccompArchs.TablesVersion}.");
    }

    public static IEnumerable<Line> Changes(ImmutableArray<VerdictChange> changes)
    {
        if (changes.IsEmpty)
        {
            yield return new Line("No difference: ", Tint.Good).Add("every call meets the same verdict.");
            yield break;
        }

        var columns = new Columns("ARCH", "CALL", "A", "B");
        foreach (var change in changes)
            columns.Row(
                (change.ArchName, Tint.None), (change.Call, Tint.Bold), (change.Before.ToString(), Tint.None),
                (change.After.ToString(), change.After.Severity > change.Before.Severity ? Tint.Warning : Tint.None));
        foreach (var line in columns.Lines())
            yield return line;
        yield return "";
        yield return new Line("Different: ", Tint.Warning).Add($"{Words.Count(changes.Length, "verdict")}.");
    }

    private static (string, Tint) Number(int number) => (number.ToString(CultureInfo.InvariantCulture), Tint.None);
}
