namespace Provision.Kernel.Tests;

/// <summary>Runs a device program as the kernel's machine would; anything it does not know is a failure.</summary>
internal static class DeviceMachine
{
    public static bool Allows(IReadOnlyList<BpfInstruction> program, bool block, uint major, uint minor, DeviceAccess access)
    {
        uint[] context = [((uint)access << 16) | (block ? 1u : 2u), major, minor];
        var registers = new ulong[11];
        for (var at = 0; ; at++)
        {
            var step = program[at];
            ref var target = ref registers[step.Destination];
            switch (step.Code)
            {
                case BpfInstruction.LoadWord when step.Source == 1: target = context[step.Offset / 4]; break;
                case BpfInstruction.And: target &= (ulong)(long)step.Immediate; break;
                case BpfInstruction.ShiftRight: target >>= step.Immediate; break;
                case BpfInstruction.Copy: target = registers[step.Source]; break;
                case BpfInstruction.Set: target = (ulong)(long)step.Immediate; break;
                case BpfInstruction.JumpIfNot when target != (ulong)(long)step.Immediate: at += step.Offset; break;
                case BpfInstruction.JumpIfNot: break;
                case BpfInstruction.Exit: return registers[0] == 1;
                default: throw new InvalidOperationException($"instruction {at}: {step}");
            }
        }
    }
}
