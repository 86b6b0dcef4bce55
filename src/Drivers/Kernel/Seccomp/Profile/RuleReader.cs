using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>Reads the items of <c>syscalls</c>.</summary>
internal sealed class RuleReader(ProfileValues values)
{
    // linux/err.h: the kernel cuts larger ones down to it.
    private const ulong LargestErrno = 4095;

    /// <summary>The profile declares who answers SCMP_ACT_NOTIFY.</summary>
    public bool HasListener { get; set; }

    public SeccompRule? Rule(ProfileNode node)
    {
        if (values.Object(node, "a rule", "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes") is not { } keys)
            return null;
        var names = keys.Find("name") is { } single ? [single] : values.Items(keys.Required("names"));
        if (keys.Required("action") is not { } action)
            return null;
        return new SeccompRule(
            [.. names.Select(n => (Text: values.Text(n), n.Span)).Where(static n => n.Text is not null).Select(static n => new SyscallName(n.Text!, n.Span))],
            Action(action, keys.Find("errnoRet"), keys.Find("errno"), isDefault: false),
            [.. values.Items(keys.Find("args")).Select(Test).OfType<ArgumentTest>()],
            Condition(keys.Find("includes")),
            Condition(keys.Find("excludes")),
            node.Span);
    }

    public SeccompAction Action(ProfileNode node, ProfileNode? errnoRet, ProfileNode? errno, bool isDefault)
    {
        var verdict = values.Word(node, RuleWords.Actions);
        var data = SeccompAction.EPERM;
        if (errnoRet is not null)
        {
            if (verdict is not (Verdict.Errno or Verdict.Trace or Verdict.None))
                values.Wrong(errnoRet, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return a number");
            data = (int)values.Number(errnoRet, verdict == Verdict.Trace ? ushort.MaxValue : LargestErrno);
            // Podman writes both; the number counts, and a name that says something else is a mistake.
            if (errno is not null && values.Text(errno) is { } name && ErrnoNames.Describe(data).Split(' ')[0] is not "errno" and var known && known != name)
                values.Wrong(errno, $"{Shown.Text(name)} is not error {data}, which is {known}");
        }
        else if (errno is not null)
        {
            values.Wrong(errno, "an error by its name alone: give its number too, errnoRet or defaultErrnoRet");
        }

        if (verdict == Verdict.Notify && (isDefault || !HasListener))
            values.Bag.Error(
                SeccompCodes.Notify,
                isDefault ? "SCMP_ACT_NOTIFY cannot be the default: the calls that start a container would wait for an answer" : "SCMP_ACT_NOTIFY waits for an answer for ever: the profile declares no listenerPath",
                node.Span);
        return verdict switch
        {
            Verdict.KillProcess => SeccompAction.KillProcess,
            Verdict.Trap => SeccompAction.Trap,
            Verdict.Errno => SeccompAction.Errno(data),
            Verdict.Trace => SeccompAction.Trace(data),
            Verdict.Notify => SeccompAction.Notify,
            Verdict.Log => SeccompAction.Log,
            Verdict.Allow => SeccompAction.Allow,
            _ => SeccompAction.KillThread,
        };
    }

    private ArgumentTest? Test(ProfileNode node)
    {
        if (values.Object(node, "an item of args", "index", "value", "valueTwo", "op") is not { } keys ||
            keys.Required("index") is not { } index || keys.Required("op") is not { } op)
            return null;
        var value = keys.Find("value") is { } v ? values.Number(v, ulong.MaxValue) : 0;
        var second = keys.Find("valueTwo") is { } w ? values.Number(w, ulong.MaxValue) : 0;
        return new ArgumentTest((int)values.Number(index, 5), values.Word(op, RuleWords.Comparisons), value, second, node.Span);
    }

    private RuleCondition Condition(ProfileNode? node)
    {
        if (node is null || values.Object(node, "a condition", "caps", "arches", "minKernel") is not { } keys)
            return RuleCondition.None;
        Version? version = null;
        if (keys.Find("minKernel") is { } kernel && values.Text(kernel) is { } release && !(Version.TryParse(release, out version) && version.Build < 0))
            values.Wrong(kernel, $"a kernel version is written as 5.10, not {Shown.Text(release)}");
        return new RuleCondition(
            values.Items(keys.Find("caps")).Aggregate(0UL, (mask, item) => mask | Capabilities(item)),
            [.. values.Items(keys.Find("arches")).Select(values.Text).OfType<string>()],
            version);
    }

    private ulong Capabilities(ProfileNode node)
    {
        if (values.Text(node) is not { } name)
            return 0;
        if (Capability.Number(name) is { } number)
            return 1UL << number;
        values.Unknown(node, name, Capability.Names);
        return 0;
    }
}
