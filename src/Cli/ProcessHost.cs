using System.Text;
using Provision.Kernel;
using Provision.Kernel.Reading;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>The real surroundings of this process.</summary>
internal static class ProcessHost
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Surroundings Create() => new()
    {
        Program = Environment.GetCommandLineArgs()[0],
        Out = new StreamWriter(new StandardStream(1), Utf8, 16384),
        Error = new StreamWriter(new StandardStream(2), Utf8, 1024),
        Input = static () => new StandardStream(0),
        InputIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
        Kinds = Composition.Kinds,
        Drivers = Composition.Drivers,
        Executors = Composition.Executors,
        Events = Composition.Events,
        ReadOnly = ReadingFilter.Wear,
        IsRoot = static () => HostFacts.IsRoot,
        Facts = static () => new RunFacts(
            BuildInfo.FullVersion, HostFacts.HostName, HostFacts.BootId, HostFacts.KernelRelease, TimeProvider.System.GetUtcNow()),
        Interrupts = Interrupt.FromSignals,
    };
}
