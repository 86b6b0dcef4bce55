namespace Provision.Testing.States;

/// <summary>What this machine has, found out without Provision: manifests that are generated here ask for nothing else.</summary>
/// <param name="Unified">Controllers are those of cgroup v2.</param>
/// <param name="Vlans">Bridges filter by VLAN.</param>
/// <param name="TwoCpus">There are CPUs 0 and 1.</param>
/// <param name="Resource">CAP_SYS_RESOURCE: hard limits can be raised, those of other users changed, and processes protected from the OOM killer.</param>
internal sealed record Features(bool Unified, bool Vlans, bool TwoCpus, bool Resource)
{
    /// <summary>Whether sets have containers.</summary>
    public bool Containers { get; init; }

    private const int SysResource = 24;

    public static Features Here(OwnNetns netns)
    {
        netns.Ip("link add probe0 type bridge");
        var vlans = netns.Run("ip", "link", "set", "probe0", "type", "bridge", "vlan_filtering", "1").ExitCode == 0;
        netns.Ip("link delete probe0");
        return new Features(Hierarchies.V1("memory") is null, vlans, File.ReadAllText("/sys/devices/system/cpu/online").StartsWith("0-", StringComparison.Ordinal),
            (Convert.ToUInt64(File.ReadLines("/proc/self/status").Single(static l => l.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim(), 16) & (1 << SysResource)) != 0);
    }
}
