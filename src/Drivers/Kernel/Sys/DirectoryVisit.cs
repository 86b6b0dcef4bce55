namespace Provision.Kernel;

/// <summary>What one opening of a directory tells.</summary>
/// <param name="Children">Names of subdirectories, sorted (ordinal).</param>
/// <param name="Attributes">The values of the attributes asked for, in that order; null where absent.</param>
internal sealed record DirectoryVisit(IReadOnlyList<string> Children, string?[] Attributes);
