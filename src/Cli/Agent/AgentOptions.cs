using Provision.Reconciler;

namespace Provision.Cli.Agent;

/// <summary>How an agent runs.</summary>
/// <param name="Paths">Manifest files and directories; standard input is not a thing to watch.</param>
/// <param name="Prune">A look at everything also deletes what no manifest names any more.</param>
/// <param name="Resync">How often everything is looked at without any event.</param>
/// <param name="JsonLogs">Compact JSON, one object a line, instead of text.</param>
/// <param name="Verbose">Every operation is a log line.</param>
internal sealed record AgentOptions(IReadOnlyList<string> Paths, Scope Scope, bool Prune, TimeSpan Resync, bool JsonLogs, bool Verbose)
{
    public static readonly TimeSpan DefaultResync = TimeSpan.FromMinutes(1);
}
