using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel.Launch;

/// <summary>
/// A program in memory that no collector moves, as launch.c runs it: steps, strings, structures, slots, and a stack for
/// the child. A program that starts another has the image of that one too.
/// </summary>
internal sealed unsafe class ProgramImage : IDisposable
{
    private const int StackSize = 32 * 1024;
    private const int Slots = 512;
    private const ulong Always = 0x100 | 0x1000 | 0x1_0000_0000; // CLONE_VM, PIDFD, CLEAR_SIGHAND
    private const ulong VFork = 0x4000;
    private const ulong SigChld = 17;

    private readonly List<nint> _blocks = [];
    private int _holders = 1;
    private readonly bool _arm64;
    private readonly SlotTable _slots;

    /// <param name="outer">Whose step starts this program: they share their slots.</param>
    public ProgramImage(LaunchProgram program, LaunchInputs inputs, bool arm64, ProgramImage? outer = null)
    {
        Program = program;
        _arm64 = arm64;
        try
        {
            Native = (NativeProgram*)Allocate(sizeof(NativeProgram));
            Args = (CloneArgs*)Allocate(sizeof(CloneArgs));
            PidFd = (int*)Allocate(sizeof(int));
            *PidFd = -1;
            var slots = _slots = outer?._slots ?? new SlotTable(Slots);
            Native->Slots = outer is null ? (long*)Allocate(Slots * sizeof(long)) : outer.Native->Slots;
            foreach (var name in program.Inputs)
                Native->Slots[slots.Define(name)] = inputs[name];
            Native->Count = program.Steps.Length;
            Native->At = Native->Failed = -1;
            Native->Steps = (NativeStep*)Allocate(Math.Max(1, program.Steps.Length) * sizeof(NativeStep));
            for (var i = 0; i < program.Steps.Length; i++)
                Fill(Native->Steps + i, program.Steps[i], slots, inputs);
            foreach (var name in program.Opens.Concat(program.Closes.Select(static c => c.Slot)))
                Native->Slots[slots.Find(name)] = -1;
            FillArgs(inputs);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public LaunchProgram Program { get; }

    /// <summary>The image of the program that a step starts; null when none does.</summary>
    public ProgramImage? Child { get; private set; }

    public NativeProgram* Native { get; }

    public CloneArgs* Args { get; }

    /// <summary>−1 until the kernel has made the child; then its pidfd, in the descriptor table of whoever started it.</summary>
    public int* PidFd { get; }

    /// <summary>What clone3 returned: the child's pid or a negative errno.</summary>
    public long Result { get; set; }

    /// <summary>The program is at its gate, on this memory, which is its own from then on.</summary>
    public bool AtGate { get; private set; }

    /// <summary>It reached its gate.</summary>
    public void StayAtGate()
    {
        AtGate = true;
        Hold();
    }

    /// <summary>
    /// Descriptors that the program opened in its starter's table and has not closed: those that it is to leave there, and
    /// those between whose opening and closing it ended.
    /// </summary>
    public IEnumerable<int> Left()
    {
        var left = Program.Opens.Select(name => (int)Slot(name)).ToList();
        foreach (var (step, slot) in Program.Closes)
            if (!IsDone(step))
                left.Add((int)Slot(slot));
        return left.Where(static fd => fd >= 0);
    }

    private bool IsDone(int step) => Native->Steps[step].Done != 0;

    /// <summary>The value in a slot.</summary>
    public long Slot(string name) => Native->Slots[_slots.Find(name)];

    /// <summary>Where the child is that does not end.</summary>
    public LaunchException Stuck()
    {
        var at = Child is not null && Volatile.Read(ref *Child.PidFd) >= 0 ? Child : this;
        var step = at.Native->At;
        return LaunchException.Stuck(at.Program.Title, step, step < 0 ? null : at.Program.Steps[step]);
    }

    /// <summary>One more <see cref="Dispose"/> until the memory goes.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        Child?.Dispose();
        foreach (var block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }

    private void FillArgs(LaunchInputs inputs)
    {
        Args->Flags = Always | (Program.Waits ? 0 : VFork) | (ulong)Program.Flags;
        Args->PidFd = PidFd;
        // With CLONE_PARENT the kernel takes the exit signal of the one who clones and refuses any other.
        Args->ExitSignal = Program.Flags.HasFlag(CloneFlags.Parent) ? 0 : SigChld;
        Args->Stack = (byte*)Allocate(StackSize + 16);
        Args->Stack += 16 - ((nint)Args->Stack & 15);
        Args->StackSize = StackSize;
        if (Program.Cgroup is { } cgroup)
            Args->Cgroup = (ulong)inputs[cgroup];
    }

    private void Fill(NativeStep* to, Step step, SlotTable slots, LaunchInputs inputs)
    {
        to->Number = step.Child is null ? step.Call.Number(_arm64) : NativeStep.Launch;
        for (var i = 0; i < 6; i++)
            to->Slots[i] = NativeStep.NoSlot;
        if (step.Child is not null)
        {
            Child = new ProgramImage(step.Child, inputs, _arm64, this);
            to->Arguments[0] = (long)Child.Args;
            to->Arguments[1] = sizeof(CloneArgs);
            to->Arguments[2] = (long)Child.Native;
        }

        for (var i = 0; i < step.Arguments.Length; i++)
            if (step.Arguments[i] is SlotArgument slot)
                to->Slots[i] = slots.Find(slot.Name);
            else
                to->Arguments[i] = Value(step.Arguments[i]);
        to->Result = step.Result is null ? (short)NativeStep.NoSlot : slots.Define(step.Result);
        for (var i = 0; i < step.Passes.Length; i++)
            to->Passes[i] = (short)step.Passes[i];
        to->SkipPassed = (short)step.SkipPassed;
        to->SkipDone = (short)step.SkipDone;
        to->Tries = (short)step.Tries;
    }

    private long Value(Argument argument) => argument switch
    {
        NumberArgument number => _arm64 ? number.Arm64 : number.X64,
        BytesArgument bytes => (long)Copy((_arm64 ? bytes.Arm64 ?? bytes.X64 : bytes.X64).AsSpan()),
        VectorArgument vector => (long)Strings(vector.Texts.AsSpan()),
        RightsArgument rights => (long)Message(rights),
        FilterArgument filter => (long)FilterProgram(filter.Instructions.AsSpan()),
        _ => throw new InvalidOperationException($"no value for {argument.Shown}"),
    };

    private void* Strings(ReadOnlySpan<string> texts)
    {
        var pointers = (byte**)Allocate((texts.Length + 1) * sizeof(byte*));
        for (var i = 0; i < texts.Length; i++)
            pointers[i] = (byte*)Copy([.. Encoding.UTF8.GetBytes(texts[i]), 0]);
        return pointers;
    }

    // struct sock_fprog: a 16-bit length, then, at offset 8, the pointer.
    private void* FilterProgram(ReadOnlySpan<byte> instructions)
    {
        var program = (long*)Allocate(2 * sizeof(long));
        *(ushort*)program = (ushort)(instructions.Length / 8);
        program[1] = (long)Copy(instructions);
        return program;
    }

    // struct msghdr: name, its length, vectors, how many, control, its length, flags; the control lies in the slots.
    private void* Message(RightsArgument rights)
    {
        var vector = (long*)Allocate(2 * sizeof(long));
        vector[0] = (long)Copy("x"u8);
        vector[1] = 1;
        var message = (long*)Allocate(7 * sizeof(long));
        message[2] = (long)vector;
        message[3] = 1;
        message[4] = (long)(Native->Slots + _slots.Find(rights.First));
        message[5] = 3 * sizeof(long);
        return message;
    }

    private void* Copy(ReadOnlySpan<byte> content)
    {
        var block = Allocate(content.Length);
        content.CopyTo(new Span<byte>(block, content.Length));
        return block;
    }

    private void* Allocate(int size)
    {
        var block = NativeMemory.AllocZeroed((nuint)Math.Max(1, size));
        _blocks.Add((nint)block);
        return block;
    }
}
