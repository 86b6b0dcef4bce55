using System.Collections.Immutable;
using Provision.Reconciler;

namespace Provision.Kernel.Launch;

/// <summary>One system call of a launch program. It ends the program when it fails, unless it passes that errno.</summary>
public sealed record Step(SystemCall Call, ImmutableArray<Argument> Arguments)
{
    /// <summary>The slot that takes what the call returned; null: none.</summary>
    public string? Result { get; init; }

    /// <summary>At most two errnos that do not end the program.</summary>
    public ImmutableArray<int> Passes { get; init; } = [];

    /// <summary>How many of the following steps are left out after a passed errno.</summary>
    public int SkipPassed { get; init; }

    /// <summary>How many of the following steps are left out after success.</summary>
    public int SkipDone { get; init; }

    /// <summary>How often it is tried again while the kernel says EAGAIN.</summary>
    public int Tries { get; init; }

    /// <summary>For clone3: what the child runs.</summary>
    public LaunchProgram? Child { get; init; }

    /// <summary>As strace(1) would write it, with the slot it fills and the errnos it passes.</summary>
    public override string ToString()
    {
        var arguments = Child is null ? Arguments.Select(static a => a.Shown) : [CloneFlagsText.Of(Child.Flags), Child.Title];
        var text = $"{Call.Name}({string.Join(", ", arguments)})";
        if (Result is not null)
            text = $"{Result} = {text}";
        if (!Passes.IsEmpty)
            text += $" or {string.Join('|', Passes.Select(ErrnoNames.Name))}{(SkipPassed > 0 ? $" +{SkipPassed}" : "")}";
        return SkipDone > 0 ? $"{text}, done +{SkipDone}" : text;
    }
}
