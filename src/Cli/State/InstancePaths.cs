using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>An instance's own directories and files on disk; none of them is the source of a plan.</summary>
internal sealed record InstancePaths(string State, string Run, string Stack)
{
    public static InstancePaths Of(Surroundings host, Scope scope) =>
        new(Path.Combine(host.StateDirectory, scope.Instance), Path.Combine(host.RunDirectory, scope.Instance), scope.Stack);

    public string Lock => Path.Combine(Run, "lock");

    public string Agent => Path.Combine(Run, $"agent-{Stack}.json");

    public string AppliedDirectory => Path.Combine(State, "applied");

    /// <summary>A directory for each container.</summary>
    public string Logs => Path.Combine(State, "logs");

    public string Applied => Path.Combine(AppliedDirectory, Stack + ".json");
}
