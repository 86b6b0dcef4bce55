using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>What a running agent says; nothing when there is none.</summary>
internal static class AgentFile
{
    public static IReadOnlyCollection<AgentCondition> Read(InstancePaths paths)
    {
        try
        {
            if (!File.Exists(paths.Agent))
                return [];
            var told = AgentConditions.Parse(File.ReadAllText(paths.Agent));
            return told.Pid > 0 && Directory.Exists($"/proc/{told.Pid}") ? told.Conditions : [];
        }
        catch (Exception e) when (FileError.Is(e))
        {
            return [];
        }
    }
}
