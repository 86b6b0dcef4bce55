namespace Provision.Kernel.Sandbox;

/// <summary>Whom the first process runs as; ids inside the container's user namespace.</summary>
/// <param name="Groups">Supplementary groups, the whole list (setgroups(2)).</param>
public sealed record UserSpec(uint Uid, uint Gid, IReadOnlyList<uint> Groups)
{
    public UserSpec() : this(0, 0, [])
    {
    }
}
