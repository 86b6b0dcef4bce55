using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// cpuset.cpus.partition of cgroup v2. The kernel takes a root that cannot be one, and says so only when it is read:
/// <c>root invalid (Cpu list in cpuset.cpus not exclusive)</c> (Documentation/admin-guide/cgroup-v2.rst).
/// </summary>
internal static class CpusetPartition
{
    public const string File = "cpuset.cpus.partition";

    private const string Member = "member";

    /// <summary>Writes it and reads it back; what did not become valid is taken back, and its reason is the error's.</summary>
    public static KernelError? Write(DirectoryWriter root, string path, string value)
    {
        var file = $"{path}/{File}";
        var before = root.At.Read(file)?.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];
        // An invalid root is not looked at again before it has been a member.
        if (before.Contains("invalid") && value != Member && root.Write(file, Member) is { } notLeft)
            return notLeft;
        if (root.Write(file, value) is { } refused)
            return refused;
        if (root.At.Read(file)?.TrimEnd('\n') is not { } now || now == value)
            return null;
        root.Write(file, before.FirstOrDefault(Member));
        return new KernelError("write", root.At.Full(file), value, Errno.EINVAL, $"the kernel shows: {now}");
    }
}
