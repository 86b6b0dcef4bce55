using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>A filter and what it was made from.</summary>
/// <param name="Target">Null, as the profile, for a filter that was given as the kernel holds it.</param>
internal sealed record SeccompFilter(string Name, SeccompProgram Program, SeccompProfile? Profile, SeccompTarget? Target, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Profiles and filters that the command line names, compiled for what its options say.</summary>
internal sealed class SeccompInput(Session session)
{
    private const string BuiltIn = "built-in";
    private const int LargestFile = 4 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Option<string[]> Archs = new("--arch")
    {
        Description = "Filter this architecture and no other, the native one first (amd64, x32, x86, arm64, arm); may be given several times; default: this machine's, with those that the profile adds",
        HelpName = "ARCH",
    };

    private static readonly Option<string[]> Capabilities = new("--cap")
    {
        Description = "A capability of the container, all, or none; may be given several times; default: Docker's",
        HelpName = "CAP",
    };

    private static readonly Option<string> Kernel = new("--kernel") { Description = "The kernel's version; default: this one's", HelpName = "VERSION" };

    private static readonly Option<bool> Literal = Options.Switch("--literal", "Compare whole registers, as other runtimes do, where the kernel looks at a part");

    /// <summary>What a profile is compiled for.</summary>
    public static readonly Option[] Targets = [Archs, Capabilities, Kernel, Literal];

    private readonly SeccompTarget _target = Target(session);

    /// <summary>A filter without errors; whatever is wrong with its profile is told, and errors end the command.</summary>
    public SeccompFilter Filter(string name, bool json)
    {
        var bag = new DiagnosticBag();
        var sources = new Dictionary<string, SourceText>();
        var profile = BuiltInProfile.Profile;
        if (name is not (BuiltIn or "default"))
        {
            var bytes = Bytes(name);
            if (!LooksLikeJson(bytes))
                return new SeccompFilter(name, Kernels(name, bytes), null, null, []);
            var source = new SourceText(name == "-" ? "<stdin>" : name, Text(name, bytes));
            sources.Add(source.File, source);
            profile = ProfileReader.Read(source, bag);
        }

        // The built-in profile says what it means whatever other runtimes do, and its traps are known.
        var own = sources.Count == 0;
        var target = own ? _target with { Literal = false } : _target;
        var program = profile is null ? null : SeccompCompiler.Compile(profile, target, bag);
        if (!own)
            foreach (var diagnostic in bag.Items)
                DiagnosticView.Tell(session.Output, diagnostic, sources);
        if (program is not null)
            return new SeccompFilter(name, program, profile, target, own ? [] : bag.Items);
        if (json)
            session.Output.Data(DiagnosticJson.Errors(bag.Items));
        throw new StopException(ExitCode.InvalidManifest, DiagnosticView.Count(bag.Items));
    }

    private static SeccompTarget Target(Session session)
    {
        var archs = (session.Parse.GetValue(Archs) ?? []).Select(Arch).ToImmutableArray();
        var kernel = session.Parse.GetValue(Kernel) ?? session.Host.Facts().Kernel;
        var version = SeccompTarget.KernelVersion(kernel);
        if (version.Major == 0)
            throw StopException.Usage($"--kernel {kernel}: must be a version such as 6.1");
        return new SeccompTarget(archs.IsEmpty ? SeccompTarget.Native : archs[0], (session.Parse.GetValue(Capabilities) ?? []).Aggregate((ulong?)null, Add) ?? Capability.Docker, version)
        {
            Only = archs,
            Literal = session.Parse.GetValue(Literal),
        };
    }

    private static SeccompArch Arch(string name) => SeccompArchs.ByName(name)
        ?? throw StopException.Usage($"--arch {name}: there is no such architecture here", $"{Shown.OneOf(SeccompArchs.Names)}");

    private static ulong? Add(ulong? mask, string name) => (mask ?? 0) | name switch
    {
        "all" => Capability.All,
        "none" => 0,
        _ => 1UL << (Capability.Number(name) ?? throw StopException.Usage($"--cap {name}: there is no such capability", Suggestion.Hint(name, Capability.Names))),
    };

    private byte[] Bytes(string name)
    {
        try
        {
            using var stream = name == "-" ? session.Host.Input() : File.OpenRead(name);
            using var content = new MemoryStream();
            var buffer = new byte[64 << 10];
            while (stream.Read(buffer) is > 0 and var count)
            {
                content.Write(buffer, 0, count);
                if (content.Length > LargestFile)
                    throw new StopException(ExitCode.Error, $"{name} is larger than {LargestFile >> 20} MiB");
            }

            return content.ToArray();
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new StopException(ExitCode.Error, $"reading {name}: {FileError.Text(e)}");
        }
    }

    // A filter's first byte is the code of an instruction, and no program begins with this one.
    private static bool LooksLikeJson(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 0 || bytes.Contains((byte)'{') && !bytes.Contains((byte)0);

    private static SeccompProgram Kernels(string name, byte[] bytes) => SeccompProgram.Read(bytes)
        ?? throw new StopException(ExitCode.InvalidManifest, $"{name} is neither a profile in JSON nor a filter: {bytes.Length} bytes are not 1 to 4096 instructions of 8");

    private static string Text(string name, byte[] bytes)
    {
        try
        {
            return Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new StopException(ExitCode.InvalidManifest, $"{name} is not UTF-8");
        }
    }
}
