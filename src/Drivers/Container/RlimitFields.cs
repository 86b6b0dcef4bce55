using System.Collections.Immutable;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Resource limits (getrlimit(2)): a soft and a hard one for each resource.</summary>
internal static class RlimitFields
{
    /// <summary>One resource with its two fields.</summary>
    public sealed record Rlimit(RlimitResource Resource, Field Group, Field Soft, Field Hard);

    public static readonly ImmutableArray<Rlimit> All =
    [
        Of(RlimitResource.Cpu, Count, "Seconds of CPU time."),
        Of(RlimitResource.Fsize, Bytes, "Size of a file that is written."),
        Of(RlimitResource.Data, Bytes, "Data segment and heap."),
        Of(RlimitResource.Stack, Bytes, "Stack."),
        Of(RlimitResource.Core, Bytes, "Size of a core dump."),
        Of(RlimitResource.Rss, Bytes, "Without effect in today's kernels."),
        Of(RlimitResource.Nproc, Count, "Processes and threads of the user."),
        Of(RlimitResource.Nofile, Count, "Open files, plus one."),
        Of(RlimitResource.Memlock, Bytes, "Locked memory."),
        Of(RlimitResource.As, Bytes, "Address space."),
        Of(RlimitResource.Locks, Count, "Without effect in today's kernels."),
        Of(RlimitResource.Sigpending, Count, "Queued signals of the user."),
        Of(RlimitResource.Msgqueue, Bytes, "POSIX message queues of the user."),
        Of(RlimitResource.Nice, Count, "20 minus the lowest nice value."),
        Of(RlimitResource.Rtprio, Count, "Real-time priority."),
        Of(RlimitResource.Rttime, Count, "Microseconds of real-time CPU without a blocking call."),
    ];

    public static readonly Field Rlimits = new("rlimits", new ObjectType([.. All.Select(static r => r.Group)]),
        "Resource limits of the program (getrlimit(2)); what is not stated has a fixed default (nofile 1024 and 524288, stack 8 MiB, core 0, memlock 8 MiB; most others without bound) and is not compared.");

    /// <summary>The stated ones, in the kernel's order.</summary>
    public static IReadOnlyList<RlimitSpec> Read(ObjectValue spec) =>
    [
        .. from rlimit in All
           let soft = spec.Number(rlimit.Soft)
           let hard = spec.Number(rlimit.Hard)
           where soft is not null && hard is not null
           select new RlimitSpec(rlimit.Resource, ToKernel(soft.Value), ToKernel(hard.Value)),
    ];

    public static ulong ToKernel(long value) => value == NumberValue.Max ? RlimitSpec.Infinity : (ulong)value;

    public static Value FromKernel(ulong value) => new NumberValue(value >= NumberValue.Max ? NumberValue.Max : (long)value);

    private static ScalarType Count => Types.Integer(0, allowMax: true);

    private static ScalarType Bytes => Types.Bytes(0, allowMax: true);

    private static Rlimit Of(RlimitResource resource, ScalarType type, string doc)
    {
        var soft = new Field("soft", type, "What counts.") { Required = true };
        var hard = new Field("hard", type, "Up to which the program itself may raise the soft one.") { Required = true };
        return new Rlimit(resource, new Field(resource.ToString().ToLowerInvariant(), new ObjectType([soft, hard]), doc), soft, hard);
    }
}
