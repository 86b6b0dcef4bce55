using System.Collections.Immutable;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary>The hooks of a bundle that are run, in the order in which they are.</summary>
public sealed record BundleHooks(
    IReadOnlyList<RuntimeHook> Prestart, IReadOnlyList<RuntimeHook> CreateRuntime, IReadOnlyList<RuntimeHook> Poststart, IReadOnlyList<RuntimeHook> Poststop)
{
    /// <summary>Some are run in the midst of the creation.</summary>
    public bool AtCreation => Prestart.Count + CreateRuntime.Count > 0;
}

/// <summary>What a bundle's config.json says, in the kernel's terms.</summary>
/// <param name="Spec">Without its cgroup's directories, which are made.</param>
/// <param name="Cgroup">Relative to the hierarchies' mount points.</param>
/// <param name="Limits">Of that cgroup.</param>
public sealed record Bundle(
    string OciVersion, RuntimeSpec Spec, string Cgroup, RuntimeLimits Limits, BundleHooks Hooks, ImmutableSortedDictionary<string, string> Annotations);

/// <summary>What a bundle is read for.</summary>
/// <param name="Unified">Controllers live in cgroup v2 alone.</param>
/// <param name="Kernel">As <c>uname -r</c> tells it.</param>
public sealed record BundleHost(bool Unified, string Kernel);

/// <summary>A bundle, or why it cannot be run.</summary>
public sealed record BundleReading(Bundle? Bundle, IReadOnlyList<Refusal> Refusals);

/// <summary>A process for a running container, or why it cannot be run.</summary>
public sealed record ProcessReading(SandboxSpec? Spec, bool Terminal, Provision.Kernel.Terminals.TerminalSize? Size, IReadOnlyList<Refusal> Refusals);
