using System.Text;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Reconciler.Tests.Fakes;

namespace Provision.Cli.Tests;

/// <summary>The whole program over a shelf instead of a kernel, with directories, clock and terminal of its own.</summary>
internal sealed class Bench : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("provision-cli-");

    public Shelf Shelf { get; } = new();

    public string Root => _directory.FullName;

    public bool IsRoot { get; set; } = true;

    /// <summary>What the user types; null where there is no terminal.</summary>
    public string? Typed { get; set; }

    /// <summary>What stands on standard input where it is no terminal.</summary>
    public string Input { get; set; } = "";

    /// <summary>Standard output, when it is not to be collected.</summary>
    public TextWriter? Out { get; init; }

    public bool Colours { get; set; }

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Handed to commands that can be interrupted.</summary>
    public Func<Interrupt> Interrupts { get; set; } = static () => new Interrupt();

    public int ExecutorsMade { get; private set; }

    public int DriversMade { get; private set; }

    /// <summary>The files that commands wanted to write when they gave up everything else.</summary>
    public List<PreparedFile?> ReadOnlyAsked { get; } = [];

    /// <summary>What happens then.</summary>
    public Action ReadOnly { get; set; } = static () => { };

    public (int Code, string Out, string Error) Run(params string[] args)
    {
        var (data, messages) = (Out ?? new StringWriter(), new StringWriter());
        var code = App.Run(args, new Surroundings
        {
            Out = data,
            Error = messages,
            Input = () => new MemoryStream(Encoding.UTF8.GetBytes(Typed ?? Input)),
            InputIsTerminal = Typed is not null,
            OutIsTerminal = Colours,
            ErrorIsTerminal = Typed is not null || Colours,
            Variable = Variables.GetValueOrDefault,
            Time = new Noon(),
            Kinds = static () => [Boxes.Schema],
            Drivers = () =>
            {
                DriversMade++;
                return new DriverRegistry([new BoxDriver(Shelf)]);
            },
            Executors = () =>
            {
                ExecutorsMade++;
                return [Shelf];
            },
            Events = static () => [],
            ReadOnly = output =>
            {
                ReadOnlyAsked.Add(output);
                ReadOnly();
            },
            IsRoot = () => IsRoot,
            Facts = static () => new RunFacts("0.0.0", "host", "00000000-0000-0000-0000-000000000000", "6.0.0", Noon.Instant),
            Interrupts = Interrupts,
            StateDirectory = Path.Combine(Root, "state"),
            RunDirectory = Path.Combine(Root, "run"),
        });
        return (code, data.ToString()!, messages.ToString());
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private sealed class Noon : TimeProvider
    {
        public static readonly DateTimeOffset Instant = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Instant;
    }
}
