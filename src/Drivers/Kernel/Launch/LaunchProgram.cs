using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Kernel.Launch;

/// <summary>
/// What a new process does before it becomes the wanted one: a list of system calls, the last of which is execve in
/// whole programs. Plain data; <see cref="Launcher"/> runs it.
/// </summary>
/// <param name="Title">For errors: <c>web-1</c>.</param>
/// <param name="Inputs">Slots whose values come from <see cref="LaunchInputs"/>.</param>
public sealed record LaunchProgram(string Title, CloneFlags Flags, ImmutableArray<string> Inputs, ImmutableArray<Step> Steps)
{
    /// <summary>The slot into which a step that starts a child of its own puts that one's pid.</summary>
    public const string ChildPid = "pid";

    /// <summary>The input that holds the cgroup's directory; with <see cref="CloneFlags.IntoCgroup"/> and never without.</summary>
    public string? Cgroup { get; init; }

    /// <summary>
    /// Slots of descriptors that the program leaves in its starter's table (CLONE_FILES); closed when the launch fails.
    /// </summary>
    public ImmutableArray<string> Opens { get; init; } = [];

    /// <summary>
    /// It stops at a <see cref="LaunchGate"/> before it executes, for longer than its starter may live: then it is no vfork,
    /// and what it runs on is never freed. Only the program that executes, not one that starts it.
    /// </summary>
    public bool Waits { get; init; }

    /// <summary>The steps that close a descriptor which the program itself opened in its starter's table, with its slot.</summary>
    internal IEnumerable<(int Step, string Slot)> Closes => !Flags.HasFlag(CloneFlags.Files)
        ? []
        : Steps.Index().Where(static s => s.Item is { Arguments: [SlotArgument] } && s.Item.Call == SystemCall.Close)
            .Select(static s => (s.Index, ((SlotArgument)s.Item.Arguments[0]).Name));

    /// <summary>One line a system call, children's programs indented below the call that starts them.</summary>
    public IReadOnlyList<string> Listing() => [.. Lines("")];

    private IEnumerable<string> Lines(string indent)
    {
        yield return $"{indent}clone3({CloneFlagsText.Of(Flags)}{(Cgroup is null ? "" : $", {Cgroup}")})";
        for (var i = 0; i < Steps.Length; i++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{indent}{i,4}  {Steps[i]}");
            if (Steps[i].Child is { } child)
                foreach (var line in child.Lines(indent + "    "))
                    yield return line;
        }
    }
}
