namespace Provision.Kernel;

/// <summary>Kills the processes that are in the directory itself and waits until none is; one that is gone is fine.</summary>
public sealed record CgroupKill(string Path) : CgroupOperation(Path)
{
    public override string Text => $"kill what runs in cgroup {Path}";

    public override bool Irreversible => true;
}
