using Provision.Kernel.Containers;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>What an order must not say, whoever sends it.</summary>
internal static class OrderCheck
{
    /// <summary>The first mistake, or null.</summary>
    public static KernelError? Flaw(ContainerOrder order)
    {
        KernelError Invalid(string detail) => new("start", order.Name, null, Errno.EINVAL, detail);
        if (order.Name.Length is 0 or > 63 || !order.Name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            || !char.IsAsciiLetterOrDigit(order.Name[0]) || !char.IsAsciiLetterOrDigit(order.Name[^1]) || order.Name.Contains("..", StringComparison.Ordinal))
            return Invalid("no name of a container");
        if (!order.Cgroup.EndsWith($"/{order.Name}{IContainerReader.Suffix}", StringComparison.Ordinal) || order.Cgroup.Split('/').Contains(".."))
            return Invalid($"its leaf cgroup must be called {order.Name}{IContainerReader.Suffix}");
        if (order.Logging.MaxSize < 4096 || order.Logging.MaxFiles < 1)
            return Invalid("a log has files of at least 4096 bytes, and at least one");
        if (!((long[])[order.Stop.TimeoutMilliseconds, order.Restart.InitialMilliseconds, order.Restart.MaxMilliseconds, order.Restart.ResetAfterMilliseconds]).All(Waits.IsBounded))
            return Invalid($"a wait has 0 to {Waits.LongestMilliseconds} milliseconds");
        return order.Stop.Signal is < 1 or > 64 ? Invalid($"{order.Stop.Signal} is no signal") : null;
    }
}
