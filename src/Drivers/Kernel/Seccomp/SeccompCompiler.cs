using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// Profiles to filters. The program asks for the architecture first and kills the process on one that the profile
/// does not name; calls that are allowed whatever their arguments are reach their verdict through loads of the number
/// and comparisons alone, which the kernel's allow-cache can follow.
/// </summary>
public static class SeccompCompiler
{
    /// <summary>The filter; null after errors, which are in the bag.</summary>
    public static SeccompProgram? Compile(SeccompProfile profile, SeccompTarget target, DiagnosticBag bag)
    {
        var rules = Resolve(profile, target);
        var errors = bag.Items.Count(static d => d.Severity == Severity.Error);
        new ProfileCheck(profile, target, bag).Check(rules);
        var root = Root(rules);
        // Every step of a way is an instruction: what is too long in one way need not be written to be counted.
        var program = root.Worst > SockFilter.Most ? null : new SeccompProgram(Assembler.Assemble(root), profile.Flags | (profile.HasListener ? SeccompProgram.FlagNewListener : 0));
        var length = program?.Instructions.Length ?? root.Worst;
        if (length > SockFilter.Most)
            bag.Error(SeccompCodes.TooLong, $"the filter has {length} instructions{(program is null ? " or more" : "")}; the kernel takes {SockFilter.Most}", profile.Span, "name fewer architectures, or compare fewer values");
        return bag.Items.Count(static d => d.Severity == Severity.Error) > errors ? null : program;
    }

    /// <summary>The architectures that are filtered, the native one first; all others are killed.</summary>
    public static ImmutableArray<SeccompArch> Architectures(SeccompProfile profile, SeccompTarget target)
    {
        if (!target.Only.IsEmpty)
            return [.. target.Only.Distinct()];
        var mapped = profile.ArchMap.Where(m => m.Native == target.Arch).SelectMany(static m => m.Others);
        return [.. profile.Architectures.Prepend(target.Arch).Concat(mapped).Where(a => Runs(target.Arch, a)).Distinct()];
    }

    internal static ImmutableArray<ArchRules> Resolve(SeccompProfile profile, SeccompTarget target) =>
        [.. Architectures(profile, target).Select(a => ArchRules.Resolve(profile, target, ArchInfo.Of(a)))];

    internal static Node Root(ImmutableArray<ArchRules> rules)
    {
        var make = new NodeFactory();
        var numbers = new NumberTree(make);
        var arch = new Word(SeccompData.ArchOffset);
        var node = make.Return(SeccompAction.KillProcess);
        foreach (var audit in rules.Select(static r => r.Arch.Audit).Distinct().Reverse())
        {
            var native = rules.FirstOrDefault(r => r.Arch.Audit == audit && r.Arch.Bit == 0);
            var x32 = rules.FirstOrDefault(r => r.Arch.Audit == audit && r.Arch.Bit != 0);
            var hasX32 = ArchInfo.All.Any(a => a.Audit == audit && a.Bit != 0);
            node = make.Jump(arch, SockFilter.JumpEqual, audit, numbers.Build(native, x32, hasX32), node);
        }

        return make.Load(arch, node);
    }

    // An x86-64 kernel never shows a filter an arm call.
    private static bool Runs(SeccompArch native, SeccompArch arch) =>
        native is SeccompArch.Arm64 or SeccompArch.Arm == arch is SeccompArch.Arm64 or SeccompArch.Arm;
}
