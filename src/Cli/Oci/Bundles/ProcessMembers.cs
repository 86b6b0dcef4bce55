using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Kernel.Terminals;
using Provision.Spec;

namespace Provision.Cli.Oci;

/// <summary><c>process</c>, and the profile that confines it.</summary>
internal static class ProcessMembers
{
    // A launch that waits at a gate after it loaded the filter makes these calls, too.
    private static readonly string[] AtGate = ["close", "dup3", "fcntl", "read", "write"];

    /// <param name="spec">Gets what the process says.</param>
    /// <param name="gated">It waits before it executes.</param>
    public static SandboxSpec Read(Member process, Member config, SandboxSpec spec, BundleHost host, bool gated)
    {
        var args = process["args"].Texts();
        if (args.Count == 0 || args[0].Length == 0)
            process["args"].Refuse("is missing or empty");
        var cwd = process["cwd"].Required();
        if (cwd.Length > 0 && !cwd.StartsWith('/'))
            process["cwd"].Refuse("must be an absolute path");
        var user = process["user"];
        var score = process["oomScoreAdj"].Number();
        if (score is < -1000 or > 1000)
            process["oomScoreAdj"].Refuse("must be a number from -1000 to 1000");
        return spec with
        {
            Command = args,
            Env = process["env"].Texts(),
            WorkingDirectory = cwd,
            User = new UserSpec(user["uid"].Small() ?? 0, user["gid"].Small() ?? 0, [.. user["additionalGids"].Items().Select(static g => g.Small() ?? 0)]),
            Rlimits = Rlimits(process["rlimits"]),
            OomScoreAdj = (int?)score,
            Security = Security(process, config["linux"], host, gated),
        };
    }

    /// <summary>Null where it says none.</summary>
    public static TerminalSize? Size(Member process)
    {
        var size = process["consoleSize"];
        return size["height"].Small() is { } rows && size["width"].Small() is { } columns && rows <= ushort.MaxValue && columns <= ushort.MaxValue
            ? new TerminalSize((ushort)rows, (ushort)columns) : null;
    }

    private static SecuritySpec Security(Member process, Member linux, BundleHost host, bool gated)
    {
        var sets = process["capabilities"];
        var (permitted, inheritable) = (Mask(sets["permitted"]), Mask(sets["inheritable"]));
        // What is not both cannot be ambient (capabilities(7)): other runtimes pass over it, and engines count on that.
        var capabilities = new CapabilitySets(
            Mask(sets["bounding"]), permitted, Mask(sets["effective"]), inheritable, Mask(sets["ambient"]) & permitted & inheritable);
        var noNew = process["noNewPrivileges"].Flag();
        var filter = Filter(linux["seccomp"], capabilities.Bounding, noNew, host, gated);
        return new SecuritySpec
        {
            Capabilities = capabilities,
            NoNewPrivileges = noNew,
            MaskedPaths = Paths(linux["maskedPaths"]),
            ReadonlyPaths = Paths(linux["readonlyPaths"]),
            SeccompFilter = filter?.Bytes.ToArray(),
            SeccompFlags = filter?.Flags ?? 0,
            SelinuxLabel = process["selinuxLabel"].Filled(),
            AppArmorProfile = process["apparmorProfile"].Filled(),
        };
    }

    private static SeccompProgram? Filter(Member seccomp, ulong capabilities, bool noNew, BundleHost host, bool gated)
    {
        if (!seccomp.IsThere)
            return null;
        var bag = new DiagnosticBag();
        var target = new SeccompTarget(SeccompTarget.Native, capabilities, SeccompTarget.KernelVersion(host.Kernel))
        {
            Needed = [.. SecuritySpec.CallsUnderFilter(noNew), .. gated && !noNew ? AtGate : []],
        };
        var profile = ProfileReader.Read(new SourceText(seccomp.Path, seccomp.Value.GetRawText()), bag);
        var program = profile is null ? null : SeccompCompiler.Compile(profile, target, bag);
        foreach (var error in bag.Items.Where(static d => d.Severity == Severity.Error))
            seccomp.Refuse(error.Message);
        return program;
    }

    private static ulong Mask(Member names)
    {
        var mask = 0UL;
        foreach (var name in names.Items())
            if (name.Text() is { } text)
            {
                if (Capability.Number(text) is { } number)
                    mask |= 1UL << number;
                else
                    name.Refuse($"{text} is no capability");
            }

        return mask;
    }

    private static IReadOnlyList<string> Paths(Member paths)
    {
        foreach (var path in paths.Items())
            if (path.Text() is { } text && (!text.StartsWith('/') || text.Trim('/').Split('/').Any(static p => p is "" or "." or "..")))
                path.Refuse("must be an absolute path without . and .., and not /");
        return paths.Texts();
    }

    private static IReadOnlyList<RlimitSpec> Rlimits(Member limits)
    {
        List<RlimitSpec> all = [];
        foreach (var limit in limits.Items())
        {
            var type = limit["type"].Required();
            var name = type.StartsWith("RLIMIT_", StringComparison.Ordinal) ? type["RLIMIT_".Length..] : "";
            var (soft, hard) = (limit["soft"].Large() ?? 0, limit["hard"].Large() ?? 0);
            var known = Enum.GetValues<RlimitResource>().Where(r => r.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            if (known.Count == 0)
                limit["type"].Refuse($"{type} is no limit");
            else if (all.Exists(l => l.Resource == known[0]))
                limit["type"].Refuse($"{type} is there twice");
            else if (soft > hard)
                limit["soft"].Refuse("is above hard");
            else
                all.Add(new RlimitSpec(known[0], soft, hard));
        }

        return all;
    }
}
