using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// A profile in one canonical form of OCI's shape: what reads back to the same filter, without comments, and with the
/// same text however it was laid out. Operands are text, since they can be larger than a value's number.
/// </summary>
public static class ProfileWriter
{
    public static ObjectValue Write(SeccompProfile profile)
    {
        var members = Action(profile.DefaultAction, "defaultAction", "defaultErrnoRet")
            .Add("flags", Texts(RuleWords.Flags.Where(f => (profile.Flags & f.Value) != 0).Select(static f => f.Key)))
            .Add("syscalls", new ListValue([.. Rules(profile.Rules).Select(static r => (Value)Rule(r))]));
        return new ObjectValue(profile.ArchMap.IsEmpty
            ? members.Add("architectures", Texts(profile.Architectures.Select(static a => ArchInfo.Of(a).OciName)))
            : members.Add("archMap", new ListValue([.. profile.ArchMap.OrderBy(static m => m.Native).Select(static m => (Value)new ObjectValue(ObjectValue.Empty.Members
                .Add("architecture", ArchInfo.Of(m.Native).OciName)
                .Add("subArchitectures", Texts(m.Others.Select(static a => ArchInfo.Of(a).OciName)))))])));
    }

    // Rules that differ in nothing but their names are one. Of two that say different things of a call whatever its
    // arguments the first counts: with such the order stays.
    private static IEnumerable<SeccompRule> Rules(ImmutableArray<SeccompRule> rules)
    {
        var always = rules.Where(static r => r.Tests.IsEmpty).SelectMany(static r => r.Names.Select(n => (n.Name, r.Action))).Distinct();
        if (always.GroupBy(static r => r.Name).Any(static g => g.Count() > 1))
            return rules;
        return rules
            .GroupBy(static r => CanonicalJson.Write(Rule(r with { Names = [] })), StringComparer.Ordinal)
            .Select(static g => g.First() with { Names = [.. g.SelectMany(static r => r.Names)] })
            .OrderBy(static r => CanonicalJson.Write(Rule(r)), StringComparer.Ordinal);
    }

    private static ObjectValue Rule(SeccompRule rule)
    {
        var members = Action(rule.Action, "action", "errnoRet").Add("names", Texts(rule.Names.Select(static n => n.Name)));
        if (!rule.Tests.IsEmpty)
            members = members.Add("args", new ListValue([.. rule.Tests.OrderBy(static t => t.Index).ThenBy(static t => t.Comparison).ThenBy(static t => t.Value).ThenBy(static t => t.ValueTwo).Select(static t => (Value)Test(t))]));
        members = Condition(members, "includes", rule.Includes);
        return new ObjectValue(Condition(members, "excludes", rule.Excludes));
    }

    private static ObjectValue Test(ArgumentTest test) => new(ObjectValue.Empty.Members
        .Add("index", (long)test.Index)
        .Add("op", RuleWords.Comparisons.First(c => c.Value == test.Comparison).Key)
        .Add("value", Operand(test.Value))
        .Add("valueTwo", Operand(test.Comparison == Comparison.MaskedEqual ? test.ValueTwo : 0)));

    private static MemberMap Condition(MemberMap members, string name, RuleCondition condition)
    {
        var parts = ObjectValue.Empty.Members;
        if (condition.Capabilities != 0)
            parts = parts.Add("caps", Texts(Capability.NamesOf(condition.Capabilities)));
        if (!condition.Architectures.IsEmpty)
            parts = parts.Add("arches", Texts(condition.Architectures));
        if (condition.MinKernel is { } version)
            parts = parts.Add("minKernel", string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor}"));
        return parts.IsEmpty ? members : members.Add(name, new ObjectValue(parts));
    }

    private static MemberMap Action(SeccompAction action, string name, string number)
    {
        var verdict = RuleWords.VerdictOf(action);
        var members = ObjectValue.Empty.Members.Add(name, RuleWords.Actions.First(a => a.Value == verdict).Key);
        return verdict is Verdict.Errno or Verdict.Trace ? members.Add(number, (long)action.Data) : members;
    }

    private static Value Operand(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static ListValue Texts(IEnumerable<string> texts) =>
        new([.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(static t => (Value)t)]);
}
