namespace Provision.Kernel.Sandbox;

public enum DeviceType
{
    Char,
    Block,
}

/// <summary>A device node inside the container; whether it may be used is the cgroup's matter.</summary>
/// <param name="Path">Absolute, inside, below /dev.</param>
/// <param name="Mode">Permission bits: <c>0666</c> octal is 438.</param>
/// <param name="Uid">Owner inside.</param>
/// <param name="Gid">Group inside.</param>
public sealed record DeviceSpec(string Path, DeviceType Type, uint Major, uint Minor, uint Mode = 0x1B6, uint Uid = 0, uint Gid = 0);
