using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Seccomp;

/// <summary>What a profile is compiled for.</summary>
/// <param name="Arch">The native architecture.</param>
/// <param name="Capabilities">The container's capabilities, a bit each (capabilities(7)).</param>
/// <param name="Kernel">Major and minor.</param>
public sealed record SeccompTarget(SeccompArch Arch, ulong Capabilities, Version Kernel)
{
    /// <summary>Exactly these architectures instead of those of the profile; empty: the profile's.</summary>
    public ImmutableArray<SeccompArch> Only { get; init; } = [];

    /// <summary>Calls that are made after the filter is loaded and before the container's program runs.</summary>
    public ImmutableArray<string> Needed { get; init; } = ["execve"];

    /// <summary>
    /// Compare whole registers, as other runtimes do, even where the kernel looks at a part. For looking at what they
    /// do; a filter that is to hold is compiled without it.
    /// </summary>
    public bool Literal { get; init; }

    /// <summary>
    /// A name that is no system call is passed over where the rule only allows what is else forbidden: the profile may be
    /// of a later kernel, and without the rule the filter forbids more.
    /// </summary>
    public bool PassesUnknown { get; init; }

    /// <summary>The architecture of this process.</summary>
    public static SeccompArch Native => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SeccompArch.Arm64 : SeccompArch.X86_64;

    /// <summary>Major and minor of a release such as <c>6.1.0-44-amd64</c>; 0.0 where there are none.</summary>
    public static Version KernelVersion(string release)
    {
        var parts = release.Split('.', 3);
        return parts.Length >= 2 && Number(parts[0]) is { } major && Number(parts[1]) is { } minor ? new Version(major, minor) : new Version(0, 0);

        static int? Number(string text)
        {
            var digits = text.TakeWhile(char.IsAsciiDigit).ToArray();
            return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
    }
}
