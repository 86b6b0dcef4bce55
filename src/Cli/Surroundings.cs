using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>What surrounds a command: streams, clock, kernel, directories. Tests bring their own.</summary>
internal sealed record Surroundings
{
    /// <summary>argv[0].</summary>
    public string Program { get; init; } = "provision";

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Standard input, opened when a command reads it.</summary>
    public required Func<Stream> Input { get; init; }

    public bool InputIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Environment variables, for output settings and for <c>${VAR}</c> in manifests.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The declarations of all kinds; the kernel is not touched for them.</summary>
    public required Func<ImmutableArray<KindSchema>> Kinds { get; init; }

    public required Func<DriverRegistry> Drivers { get; init; }

    /// <summary>Asked only by commands that change the kernel.</summary>
    public required Func<IReadOnlyList<IOperationExecutor>> Executors { get; init; }

    /// <summary>Where kernel events come from; asked only by the agent.</summary>
    public required Func<IReadOnlyList<IEventSource>> Events { get; init; }

    /// <summary>Makes this process one that can only read, apart from the file that it writes; asked by commands that read.</summary>
    public required Action<PreparedFile?> ReadOnly { get; init; }

    public required Func<bool> IsRoot { get; init; }

    public required Func<RunFacts> Facts { get; init; }

    /// <summary>Cancels when the user or the system asks to stop; asked for once something is about to change.</summary>
    public required Func<Interrupt> Interrupts { get; init; }

    public string StateDirectory { get; init; } = "/var/lib/provision";

    public string RunDirectory { get; init; } = "/run/provision";
}
