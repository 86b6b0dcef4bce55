using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>SHA-256 of an object's live state: a saved plan is refused when it no longer matches.</summary>
internal static class LiveDigest
{
    public static string Of(Observed? live) => live is null
        ? ""
        : Sha256.Hex($"{live.Ownership} {live.Stack} {live.Object} {CanonicalJson.Write(live.Live)}");
}
