using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>A device program found on a cgroup.</summary>
/// <param name="Id">The kernel's number for it.</param>
/// <param name="Name">At most 15 characters; empty when its loader gave none.</param>
/// <param name="Tag">The kernel's digest of its instructions, hex.</param>
/// <param name="Allow">What it allows, everything else being refused; null when it is not a program of ours.</param>
public sealed record DeviceProgramInfo(uint Id, string Name, string Tag, ImmutableArray<DeviceRule>? Allow);
