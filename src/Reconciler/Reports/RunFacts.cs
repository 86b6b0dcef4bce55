namespace Provision.Reconciler.Reports;

/// <summary>Where and when a report was made.</summary>
/// <param name="Tool">Version of this program, with the commit when the build knew it.</param>
/// <param name="Host">Host name.</param>
/// <param name="BootId">/proc/sys/kernel/random/boot_id: changes with every boot.</param>
/// <param name="Kernel">As <c>uname -r</c>.</param>
public sealed record RunFacts(string Tool, string Host, string BootId, string Kernel, DateTimeOffset Time);

/// <summary>Which manifests a report was made from.</summary>
/// <param name="Digest">SHA-256 (hex) of the set.</param>
/// <param name="GitCommit">The commit checked out where they lie; null outside a git work tree.</param>
public sealed record ManifestFacts(string Digest, string? GitCommit);
