using System.Runtime.CompilerServices;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>Profiles and targets that several tests use.</summary>
internal static class Profiles
{
    /// <summary>For <see cref="With"/>.</summary>
    public const string EveryX86 = "\"architectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],";

    public static readonly SeccompTarget Amd64 = new(SeccompArch.X86_64, Capability.Docker, new Version(6, 1));

    public static readonly SeccompTarget OnlyAmd64 = Amd64 with { Only = [SeccompArch.X86_64] };

    public static readonly SeccompTarget Arm64 = Amd64 with { Arch = SeccompArch.Arm64 };

    /// <summary>Capabilities that profiles ask for, in different mixtures, and kernels old and new.</summary>
    public static IReadOnlyList<SeccompTarget> Targets { get; } =
    [
        Amd64,
        OnlyAmd64,
        Arm64,
        Amd64 with { Capabilities = 0 },
        Amd64 with { Capabilities = Capability.All },
        Amd64 with { Capabilities = Capability.Mask(["SYS_ADMIN"]), Kernel = new Version(4, 4) },
        Arm64 with { Capabilities = Capability.Mask(["BPF", "SYS_TIME", "SYS_PTRACE"]) },
        Amd64 with { Capabilities = Capability.Mask(["PERFMON", "AUDIT_WRITE"]) },
        Amd64 with { Literal = true },
    ];

    public static string Text(string name) => File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "Profiles", $"{name}.json"));

    /// <summary>A profile that lets everything be but for its rules, unless told otherwise.</summary>
    public static string With(string rules, string defaultAction = "SCMP_ACT_ALLOW", string more = "") =>
        $$"""{"defaultAction": "{{defaultAction}}", {{more}} "syscalls": [{{rules}}]}""";

    /// <summary>A rule; <paramref name="more"/> starts with a comma.</summary>
    public static string Rule(string names, string action, string more = "") =>
        $$"""{"names": [{{string.Join(", ", names.Split(' ').Select(static n => $"\"{n}\""))}}], "action": "SCMP_ACT_{{action}}"{{more}}}""";

    public static (SeccompProfile? Profile, DiagnosticBag Bag) Read(string text)
    {
        var bag = new DiagnosticBag();
        return (ProfileReader.Read(new SourceText("p.json", text), bag), bag);
    }

    public static (SeccompProgram? Program, DiagnosticBag Bag) Compile(string text, SeccompTarget? target = null)
    {
        var (profile, bag) = Read(text);
        return (profile is null ? null : SeccompCompiler.Compile(profile, target ?? Amd64, bag), bag);
    }

    /// <summary>The program; fails the test when the profile has errors.</summary>
    public static SeccompProgram Program(string text, SeccompTarget? target = null)
    {
        var (program, bag) = Compile(text, target);
        Assert.True(program is not null, string.Join('\n', bag.Items));
        return program;
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
