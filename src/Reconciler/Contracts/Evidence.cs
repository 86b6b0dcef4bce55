namespace Provision.Reconciler;

/// <summary>How sure a value is.</summary>
public enum Confidence
{
    /// <summary>The kernel says so.</summary>
    Kernel,

    /// <summary>What Provision noted when it was applied; the kernel cannot tell it.</summary>
    Recorded,

    /// <summary>The kernel tells how many there are, not what they are.</summary>
    CountOnly,
}

/// <summary>How a value was read.</summary>
/// <param name="Method">The interface: <c>rtnetlink</c>, <c>cgroupfs</c>, <c>procfs</c>, <c>ptrace</c>, <c>xattr</c>.</param>
public readonly record struct Evidence(string Method, Confidence Confidence);
