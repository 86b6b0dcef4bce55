using System.CommandLine;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>One run of one command: what was asked for, and everything that it works with.</summary>
internal sealed class Session(Surroundings host, ParseResult parse, Output output)
{
    private DriverRegistry? _drivers;
    private KindRegistry? _kinds;

    public Surroundings Host => host;

    public ParseResult Parse => parse;

    public Output Output => output;

    public Scope Scope { get; } = new(parse.GetValue(Options.Instance)!, parse.GetValue(Options.Stack)!);

    public DriverRegistry Drivers => _drivers ??= host.Drivers();

    public KindRegistry Kinds => _kinds ??= new KindRegistry(host.Kinds());

    public Planner Planner => field ??= new Planner(Drivers);

    /// <summary>table, json or yaml.</summary>
    public string Format => parse.GetValue(Options.Format)!;

    public bool ForPeople => Format == "table";

    public InstancePaths Paths => InstancePaths.Of(host, Scope);

    /// <summary>What to plan with; who was applied before only decides how differences are called.</summary>
    public PlanOptions PlanOptions(AppliedRecord applied) => new()
    {
        Prune = parse.GetValue(Options.Prune) || parse.GetValue(Options.PruneAll),
        PruneAll = parse.GetValue(Options.PruneAll),
        Force = parse.GetValue(Options.Force),
        WasApplied = applied.Contains,
    };

    /// <summary>A JSON report in the format asked for.</summary>
    public void Report(string json) => output.Data(Format == "yaml" ? JsonYaml.Convert(json) : json);
}
