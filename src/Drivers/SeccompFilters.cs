using System.Collections.Concurrent;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>Filters for containers, each compiled once a run.</summary>
/// <param name="release">The kernel's, as <c>uname -r</c> tells it.</param>
public sealed class SeccompFilters(Func<string> release)
{
    private const int Shown = 8;

    private readonly ConcurrentDictionary<(SeccompProgram One, SeccompProgram Other), string?> _changes = [];
    private readonly Lazy<Version> _kernel = new(() => SeccompTarget.KernelVersion(release()));
    private readonly ConcurrentDictionary<(string Profile, ulong Capabilities, bool Last), (SeccompProgram? Program, DiagnosticBag Bag)> _compiled = [];

    /// <summary>The filter of the field <c>seccomp</c> in its canonical form; null for none, and after errors.</summary>
    /// <param name="capabilities">What the container keeps.</param>
    /// <param name="noNewPrivileges">Then it is loaded last; else before the launch gives up the right to load it.</param>
    public SeccompProgram? For(Value? seccomp, ulong capabilities, bool noNewPrivileges, DiagnosticBag bag)
    {
        if (seccomp is TextValue { Text: SecurityFields.Unconfined })
            return null;
        var written = seccomp as ObjectValue;
        var (program, told) = _compiled.GetOrAdd((written is null ? "" : CanonicalJson.Write(written), capabilities, noNewPrivileges), _ => Compile(written, capabilities, noNewPrivileges));
        foreach (var error in told.Items.Where(static d => d.Severity == Severity.Error))
            bag.Add(error);
        return program;
    }

    /// <summary>The calls of this machine that one filter treats differently from another, for people; null where none does, or one is none.</summary>
    public string? Changes(Value? before, ulong had, Value? after, ulong has)
    {
        var ignored = new DiagnosticBag();
        if (For(before, had, true, ignored) is not { } one || For(after, has, true, ignored) is not { } other)
            return null;
        return _changes.GetOrAdd((one, other), static pair => Describe(pair.One, pair.Other));
    }

    private static string? Describe(SeccompProgram one, SeccompProgram other)
    {
        var calls = SeccompDiff.Compare(one, other).Where(static c => c.Arch == SeccompTarget.Native && c.Name is not null)
            .Select(static c => $"{c.Name} {c.Before} → {c.After}{(c.Arguments ? " by its arguments" : "")}").Distinct().ToList();
        return calls.Count == 0 ? null : string.Join(", ", calls.Take(Shown)) + (calls.Count > Shown ? $" and {calls.Count - Shown} more" : "");
    }

    private (SeccompProgram?, DiagnosticBag) Compile(ObjectValue? written, ulong capabilities, bool noNewPrivileges)
    {
        var bag = new DiagnosticBag();
        var profile = written is null ? BuiltInProfile.Profile : ProfileReader.Read(SecurityProfile.SeccompNodes.Of(written, SourceMap.None, ""), bag);
        var target = new SeccompTarget(SeccompTarget.Native, capabilities, _kernel.Value) { Needed = [.. SecuritySpec.CallsUnderFilter(noNewPrivileges)] };
        return (profile is null ? null : SeccompCompiler.Compile(profile, target, bag), bag);
    }
}
