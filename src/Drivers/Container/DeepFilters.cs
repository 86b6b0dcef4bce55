using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel.Seccomp;
using Provision.Reconciler;
using Provision.Spec;
using Comparison = Provision.Reconciler.Comparison;

namespace Provision.Drivers.Container;

/// <summary>
/// The filters of everything that runs in a container, held against the one that it was started with. Processes inherit
/// them and can only add more: one more is foreign, one that is missing is of a process that came from elsewhere.
/// </summary>
internal static class DeepFilters
{
    private const string Traced = "ptrace", Counted = "procfs";

    // Of processes and of calls in one difference; the rest is counted.
    private const int MostShown = 8;

    // The declared field's path; what is found there is a list of filters, and no profile.
    private static readonly Field Filters = new("seccomp", new ListType(Types.Text()), "The filters of a process, oldest first.");

    private static readonly Field Security = new("security", new ObjectType([Filters]), "What confines it.");

    private static readonly ValuePath Path = ValuePath.Of(((ObjectType)Security.Type).Fields[0]);

    /// <summary>What has the same filters, whoever it is.</summary>
    private sealed record Alike(ImmutableArray<TaskFilters> Tasks)
    {
        public TaskFilters First => Tasks[0];
    }

    /// <param name="filter">What a spec's filter compiles to; null: none.</param>
    /// <returns>Null for what does not run, and where the manifest says to leave it alone.</returns>
    public static DeepLook? Look(Comparison comparison, IFilterReader reader, Func<ObjectValue, byte[]?> filter)
    {
        if (comparison.Live is not { State: ContainerState { Container: { Populated: true } container } } live || comparison.Exempt.Any(Path.IsWithin))
            return null;
        // A manifest that moved is told as such: what runs is held against what was applied.
        var spec = live.Recorded?.Spec is { } recorded ? ContainerNormal.Recorded(recorded, comparison.Id.Name) : comparison.Desired;
        var expected = filter(spec) is { } bytes ? SeccompProgram.Read(bytes) : null;
        var found = reader.Read(container.Cgroup, confined: expected is not null);
        if (found.Tasks.IsEmpty)
            return null;
        var differences = found.Tasks.GroupBy(Signature).Select(g => Difference(new Alike([.. g]), expected)).OfType<DeepDifference>();
        var counted = found.Tasks.Where(static t => t.Programs is null).ToList();
        var notes = counted.GroupBy(static t => t.Why).Select(static g => $"{Who([.. g])}: only counted: {g.Key}");
        return new DeepLook(
            [new DeepField(Path, counted.Count > 0 ? new Evidence(Counted, Confidence.CountOnly) : new Evidence(Traced, Confidence.Kernel), [.. notes, .. found.Note is { } note ? [note] : (string[])[]])],
            [.. differences]);
    }

    private static DeepDifference? Difference(Alike alike, SeccompProgram? expected) => alike.First switch
    {
        { Programs: { } programs } => Difference(alike, FilterStack.Compare(expected, programs), expected),
        { Count: { } count } when count != (expected is null ? 0 : 1) => new DeepDifference(
            Who(alike.Tasks), Path, Count(expected is null ? 0 : 1), Count(count), new Evidence(Counted, Confidence.CountOnly), []),
        _ => null,
    };

    private static DeepDifference? Difference(Alike alike, FilterStack stack, SeccompProgram? expected)
    {
        if (stack.IsAsExpected && !alike.First.IsStrict)
            return null;
        var details = ImmutableArray.CreateBuilder<string>();
        if (stack.IsMissing)
            details.Add("the filter that it was started with is missing");
        foreach (var place in stack.Foreign.Take(MostShown))
            details.Add(Text($"foreign filter, {place + 1} of {stack.Programs.Length}: {Name(stack.Programs[place])}{(stack.Place < 0 ? "" : place < stack.Place ? ", loaded before the container's own" : ", loaded after the container's own")}"));
        if (stack.Foreign.Count() is > MostShown and var foreign)
            details.Add(Text($"and {foreign - MostShown} more foreign filters"));
        if (stack is { Place: >= 0, SameBytes: false })
            details.Add("the container's own filter has other bytes and the same verdicts");
        if (alike.First.IsStrict)
            details.Add("it is in seccomp's strict mode");
        details.AddRange(stack.Changes.Take(MostShown).Select(static c => $"{c.ArchName} {c.Call}: {c.Before} expected, {c.After} found"));
        if (stack.Changes.Length > MostShown)
            details.Add($"and {stack.Changes.Length - MostShown} more calls");
        if (stack.Trouble is { } trouble)
            details.Add($"verdicts not compared: {trouble}");
        return new DeepDifference(
            Who(alike.Tasks), Path, List(expected is null ? [] : [expected]), List(stack.Programs),
            new Evidence(alike.First.Count == 0 ? Counted : Traced, Confidence.Kernel), details.ToImmutable());
    }

    private static string Signature(TaskFilters task) => task.Programs is { } programs
        ? $"{task.IsStrict} {string.Join(' ', programs.Select(Digest))}"
        : Text($"counted {task.Count}");

    private static Value List(ImmutableArray<SeccompProgram> programs) =>
        programs.IsEmpty ? SecurityFields.Unconfined : new ListValue([.. programs.Select(static p => (Value)Name(p))]);

    private static Value Count(int filters) => Text($"{filters} {(filters == 1 ? "filter" : "filters")}");

    private static string Name(SeccompProgram program) => Text($"{program.Instructions.Length} instructions sha256:{Digest(program)[..16]}");

    private static string Digest(SeccompProgram program) => Sha256.Hex(program.Bytes.Span);

    private static string Who(ImmutableArray<TaskFilters> tasks)
    {
        var names = tasks.Take(MostShown).Select(static t => t.Task == t.Pid ? Text($"{t.Pid}") : Text($"{t.Pid} thread {t.Task}"));
        return $"{(tasks.Length == 1 ? "process" : "processes")} {string.Join(", ", names)}{(tasks.Length > MostShown ? Text($" and {tasks.Length - MostShown} more") : "")}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
