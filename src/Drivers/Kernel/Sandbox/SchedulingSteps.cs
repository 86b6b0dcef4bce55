using System.Buffers.Binary;
using System.Globalization;
using Provision.Kernel.Launch;

namespace Provision.Kernel.Sandbox;

/// <summary>Policy, I/O priority and execution domain of the process itself, while it still may set them.</summary>
internal static class SchedulingSteps
{
    private const int AttrSize = 48; // SCHED_ATTR_SIZE_VER0

    public static void Make(StepList to, SandboxSpec spec)
    {
        if (spec.Scheduling?.Personality is { } domain)
            to.Add(SystemCall.Personality, Argument.Named(domain == 0 ? "PER_LINUX" : "PER_LINUX32", domain));
        if (spec.Scheduling?.IoPriority is { } priority)
            to.Add(SystemCall.IoPrioSet, Argument.Named("IOPRIO_WHO_PROCESS", 1), 0, priority);
        if (spec.Scheduling?.Scheduler is { } scheduler)
            to.Add(SystemCall.SchedSetAttr, 0, Attr(scheduler), 0);
    }

    private static Argument Attr(SchedulerSpec spec)
    {
        var content = new byte[AttrSize];
        BinaryPrimitives.WriteInt32LittleEndian(content, AttrSize);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(4), SchedulerSpec.Policy(spec.Name) ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(8), spec.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(16), spec.Nice);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(20), spec.Priority);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(24), spec.Runtime);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(32), spec.Deadline);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(40), spec.Period);
        return Argument.Structure(content, string.Create(CultureInfo.InvariantCulture,
            $"{{{spec.Name}, flags {spec.Flags}, nice {spec.Nice}, priority {spec.Priority}, runtime {spec.Runtime}, deadline {spec.Deadline}, period {spec.Period}}}"));
    }
}
