using System.Globalization;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>What of a container can be changed while it runs, apart from its networks.</summary>
public enum ContainerPart
{
    Rlimits,
    OomScoreAdj,
    Hostname,
    Restart,
    Stop,
    Logging,
}

/// <summary>
/// Changes one part of a known container in place, in the kernel where it runs and in the order for later starts. Only
/// that part is taken from the order.
/// </summary>
public sealed record ContainerUpdate(string Instance, ContainerPart Part, ContainerOrder Order) : ContainerOperation(Instance, Order.Name)
{
    public override string Text => Part switch
    {
        ContainerPart.Rlimits => $"set rlimits {string.Join(' ', Order.Sandbox.Rlimits.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Resource}={r.Soft}:{r.Hard}")))}",
        ContainerPart.OomScoreAdj => string.Create(CultureInfo.InvariantCulture, $"write oom_score_adj {Order.Sandbox.OomScoreAdj ?? 0}"),
        ContainerPart.Hostname => $"sethostname {Order.Sandbox.Hostname}",
        ContainerPart.Restart => string.Create(CultureInfo.InvariantCulture, $"set restart {Order.Restart.Policy} {Order.Restart.InitialMilliseconds}..{Order.Restart.MaxMilliseconds} ms, reset after {Order.Restart.ResetAfterMilliseconds} ms, retries {Order.Restart.MaxRetries}"),
        ContainerPart.Stop => string.Create(CultureInfo.InvariantCulture, $"set stop signal {Order.Stop.Signal} timeout {Order.Stop.TimeoutMilliseconds} ms"),
        ContainerPart.Logging => string.Create(CultureInfo.InvariantCulture, $"set log size {Order.Logging.MaxSize} files {Order.Logging.MaxFiles}"),
        _ => throw new ArgumentOutOfRangeException(nameof(Part)),
    };

    public bool Equals(ContainerUpdate? other) => other is not null && base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
