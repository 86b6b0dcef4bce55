namespace Provision.Reconciler;

/// <summary>
/// One step against the kernel, as data. Drivers return operations; an <see cref="IOperationExecutor"/>
/// performs them. <see cref="Text"/> is canonical: two operations with the same text do the same thing, and
/// saved plans are compared by it.
/// </summary>
public abstract record Operation
{
    /// <summary>What is done, in the kernel's terms: <c>write memory.max 268435456</c>, <c>set link web0 mtu 1400</c>.</summary>
    public abstract string Text { get; }

    /// <summary>What it consists of, line by line, for people who ask for operations; nothing that <see cref="Text"/> does not imply.</summary>
    public virtual IReadOnlyList<string> Listing => [];

    /// <summary>The kernel object: a cgroup path, a link name. Errors name it.</summary>
    public abstract string Object { get; }

    /// <summary>The field that asked for it; null when it serves the object as a whole (create, mark).</summary>
    public string? Field { get; init; }

    /// <summary>What takes it back, from the state the plan saw; null when there is nothing to take back.</summary>
    public Operation? Undo { get; init; }

    /// <summary>True when <see cref="Undo"/> cannot restore what was there (kill, delete): such steps come last.</summary>
    public virtual bool Irreversible => false;

    /// <summary>
    /// True for a step that must wait until the resources depending on this one have done theirs: a parent
    /// shrinks after its children. The steps that follow it in the same resource wait with it.
    /// </summary>
    public bool AfterDependents { get; init; }

    public sealed override string ToString() => Text;
}

/// <summary>Why the kernel refused: operation, object, value and errno, as people need it.</summary>
/// <param name="Action">The system call or request: <c>write</c>, <c>RTM_NEWLINK</c>.</param>
/// <param name="Object">The file or link.</param>
/// <param name="Value">What was asked for; null where there is no value.</param>
/// <param name="Errno">A positive errno.</param>
/// <param name="Detail">The kernel's own words (extended ack) or what to do; null when there are none.</param>
public sealed record KernelError(string Action, string Object, string? Value, int Errno, string? Detail = null)
{
    /// <summary>True when a part of the operation had been done: its undo is due, or something is lost for good.</summary>
    public bool Halfway { get; init; }

    public override string ToString() =>
        $"{Action} {Object}{(Value is null ? "" : $" {Value}")}: {ErrnoNames.Describe(Errno)}{(Detail is null ? "" : $": {Detail}")}";
}

/// <summary>Thrown by readers and by code that cannot go on; executors return errors instead.</summary>
public sealed class KernelException(KernelError error) : Exception(error.ToString())
{
    public KernelError Error { get; } = error;
}

/// <summary>The only port through which the kernel is changed. Its implementation lives in Kernel/.</summary>
public interface IOperationExecutor
{
    /// <summary>True for the operation types that this executor performs.</summary>
    bool Handles(Operation operation);

    /// <summary>
    /// Performs operations that do not depend on each other, side by side or in one batch, and tells for each
    /// how it ended: null, or the error. An operation that failed has changed nothing, unless the error says that
    /// it ended <see cref="KernelError.Halfway"/>. Never throws for what the kernel says; does not retry (the reconciler does).
    /// </summary>
    IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel);
}
