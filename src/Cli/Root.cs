using System.CommandLine;

namespace Provision.Cli;

/// <summary>The tree of commands.</summary>
internal static class Root
{
    public static RootCommand Create(Surroundings host, Output output)
    {
        var root = new RootCommand("Keeps a Linux host in a declared state: manifests to kernel, no daemon needed.");
        // The command `version` tells it, in a form for programs too.
        for (var i = root.Options.Count - 1; i >= 0; i--)
            if (root.Options[i] is VersionOption)
                root.Options.RemoveAt(i);
        foreach (var option in Options.Common)
        {
            option.Recursive = true;
            root.Add(option);
        }

        var run = new Runner(host, output);
        root.Add(ValidateCommand.Create(run));
        root.Add(PlanCommand.Create(run));
        root.Add(ApplyCommand.Create(run));
        root.Add(DriftCommand.Create(run));
        root.Add(StatusCommand.Create(run));
        root.Add(GetCommand.Create(run));
        root.Add(DescribeCommand.Create(run));
        root.Add(ExplainCommand.Create(run));
        root.Add(SchemaCommand.Create(run));
        root.Add(ExportCommand.Create(run));
        root.Add(DestroyCommand.Create(run));
        root.Add(ExecCommand.Create(run));
        root.Add(LogsCommand.Create(run));
        root.Add(StartStopCommands.Start(run));
        root.Add(StartStopCommands.Stop(run));
        root.Add(StartStopCommands.Restart(run));
        root.Add(AgentCommand.Create(run));
        root.Add(SuperviseCommand.Create(run));
        root.Add(SeccompCommand.Create(run));
        root.Add(CompletionCommand.Create(run));
        root.Add(VersionCommand.Create(run));
        root.Add(CompleteCommand.Create(run, root));
        return root;
    }
}
