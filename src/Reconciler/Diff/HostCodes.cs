namespace Provision.Reconciler;

/// <summary>
/// Codes of problems that only the host can show (a manifest's own are in the language): PV1xxx from the
/// reconciler, PV2xxx from Cgroup, PV3xxx from Bridge.
/// </summary>
public static class HostCodes
{
    public const string ForeignObject = "PV1001";
    public const string OtherStack = "PV1002";
    public const string NothingToAdopt = "PV1003";
    public const string ReplacePrevented = "PV1004";
    public const string PruneAll = "PV1005";
}
