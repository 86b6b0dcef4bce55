using System.Text.Json;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>What a supervisor can be asked.</summary>
public enum Verb
{
    /// <summary>Who are you.</summary>
    Hello,

    /// <summary>With an order: take it and start it. Without: start the known container again.</summary>
    Start,

    Stop,

    /// <summary>Stop and start.</summary>
    Restart,

    /// <summary>Stop and forget; a supervisor without containers ends.</summary>
    Remove,

    Update,
    SetInterface,
    RemoveInterface,

    /// <summary>Every container with its run record.</summary>
    Status,

    /// <summary>Become the program of the asking process, with all containers kept.</summary>
    Upgrade,
}

/// <summary>A message to the supervisor. Which members matter is the verb's business.</summary>
public sealed record Request
{
    public required Verb Verb { get; init; }

    public string? Name { get; init; }

    /// <summary>The leaf, for a container that the supervisor may not know.</summary>
    public string? Cgroup { get; init; }

    public ContainerOrder? Order { get; init; }

    public ContainerPart? Part { get; init; }

    public NetworkAttachment? Attachment { get; init; }

    public string? Interface { get; init; }

    /// <summary>True: a removal leaves the log; null: it goes.</summary>
    public bool? KeepLogs { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SuperviseJson.Default.Request);

    /// <summary>Null, and why, for bytes that are no request.</summary>
    public static (Request? Request, string? Problem) Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, SuperviseJson.Default.Request) is { } request ? (NullCheck.Whole(request), null) : (null, "null is no request");
        }
        catch (JsonException malformed)
        {
            return (null, malformed.Message);
        }
    }
}

/// <summary>A <see cref="KernelError"/> on its way.</summary>
public sealed record WireError(string Action, string Object, string? Value, int Errno, string? Detail, bool Halfway)
{
    public static WireError Of(KernelError error) =>
        new(error.Action, error.Object, error.Value, error.Errno, error.Detail, error.Halfway);

    public KernelError ToError() => new(Action, Object, Value, Errno, Detail) { Halfway = Halfway };
}

/// <summary>What a supervisor says of one container.</summary>
public sealed record ContainerStatus(string Name, string Cgroup, ContainerRun Run);

/// <summary>The answer to a <see cref="Request"/>; without an error it was done.</summary>
public sealed record Response
{
    public WireError? Error { get; init; }

    /// <summary>The supervisor's pid.</summary>
    public int Pid { get; init; }

    /// <summary>How many times it has become another program.</summary>
    public int Generation { get; init; }

    public IReadOnlyList<ContainerStatus>? Containers { get; init; }

    /// <summary>True when it is about to end, having no container left.</summary>
    public bool Ending { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SuperviseJson.Default.Response);

    /// <summary>Null for bytes that are no response.</summary>
    public static Response? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, KeptJson.Default.Response) is { } response ? NullCheck.Whole(response) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What one program of a supervisor tells the next across exec(2): numbers of descriptors, and what only it knew.</summary>
public sealed record HandoverState
{
    /// <summary>What this program writes, and the newest that it can go on from.</summary>
    public const int Current = 1;

    /// <summary>Rises when who does not know something new in it must not go on from it.</summary>
    public int Version { get; init; } = Current;

    public required int Generation { get; init; }

    public required int Listener { get; init; }

    public required int Lock { get; init; }

    /// <summary>Who asked for it and waits for the answer; -1 for nobody.</summary>
    public required int Asker { get; init; }

    public required IReadOnlyList<HandoverContainer> Containers { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SuperviseJson.Default.HandoverState);

    /// <exception cref="KernelException">This program cannot go on from it.</exception>
    public static HandoverState Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, KeptJson.Default.HandoverState) switch
            {
                null => throw new JsonException("null is no handover"),
                { Version: > Current } later => throw new JsonException($"its version is {later.Version}, and this program knows {Current}"),
                var state => NullCheck.Whole(state),
            };
        }
        catch (JsonException unreadable)
        {
            throw new KernelException(new KernelError("read", "handover", null, Errno.EINVAL, unreadable.Message));
        }
    }
}

/// <param name="Process">Its pidfd; -1 when it does not run.</param>
/// <param name="Fifo">The read end of its log; -1 when there is none.</param>
/// <param name="StopDeadline">Unix milliseconds when it is to be killed; null unless it is being stopped.</param>
/// <param name="Terminal">The master of its terminal; -1 when it has none, or the one before knew of none.</param>
public sealed record HandoverContainer(ContainerOrder Order, ContainerRun Run, int Process, int Fifo, long? StopDeadline, int Terminal = -1);
