namespace Provision.Kernel.Sandbox;

/// <summary>MOUNT_ATTR_* of mount_setattr(2) and fsmount(2), by the kernel's names.</summary>
[Flags]
public enum MountAttr : ulong
{
    None = 0,
    RdOnly = 1,
    NoSuid = 2,
    NoDev = 4,
    NoExec = 8,
    NoAtime = 0x10,
    StrictAtime = 0x20,
    NoDirAtime = 0x80,
    NoSymFollow = 0x200000,
}
