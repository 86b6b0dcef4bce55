using System.Security.Cryptography;
using System.Text;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>SHA-256 of an object's live state: a saved plan is refused when it no longer matches.</summary>
internal static class LiveDigest
{
    public static string Of(Observed? live) => live is null
        ? ""
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{live.Ownership} {live.Stack} {live.Object} {CanonicalJson.Write(live.Live)}")));
}
