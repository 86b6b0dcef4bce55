namespace Provision.Testing;

/// <summary>A test that changes the kernel: skipped for other users, never skipped for root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Privilege.SkipReason!;
}

/// <summary>A theory that changes the kernel: skipped for other users, never skipped for root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = Privilege.SkipReason!;
}

internal static class Privilege
{
    /// <summary>Null for an effective uid of 0.</summary>
    public static string? SkipReason => Environment.IsPrivilegedProcess ? null : "needs root";
}
