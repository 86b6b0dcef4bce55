using System.Collections.Immutable;

namespace Provision.Kernel.Launch;

/// <summary>Steps under construction; later steps name the slots of earlier ones.</summary>
internal sealed class StepList
{
    private readonly List<Step> _steps = [];

    public void Add(SystemCall call, params ImmutableArray<Argument> arguments) => _steps.Add(new Step(call, arguments));

    public void Add(Step step) => _steps.Add(step);

    public void Add(ImmutableArray<Step> steps) => _steps.AddRange(steps);

    public ImmutableArray<Step> ToImmutable() => [.. _steps];

    /// <summary>A step to be completed with <c>with</c> before it is added.</summary>
    public static Step Step(SystemCall call, params ImmutableArray<Argument> arguments) => new(call, arguments);
}
