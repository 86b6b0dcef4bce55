using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary><c>process.scheduler</c>, <c>process.ioPriority</c> and <c>linux.personality</c>.</summary>
internal static class SchedulingMembers
{
    private static readonly string[] Flags = ["RESET_ON_FORK", "RECLAIM", "DL_OVERRUN", "KEEP_POLICY", "KEEP_PARAMS", "UTIL_CLAMP_MIN", "UTIL_CLAMP_MAX"];
    private static readonly string[] Classes = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"];
    private static readonly (string Name, uint Number)[] Domains = [("LINUX", 0), ("LINUX32", 8)];

    /// <summary>Null when nothing is said.</summary>
    public static SchedulingSpec? Read(Member process, Member linux)
    {
        var spec = new SchedulingSpec(Scheduler(process["scheduler"]), IoPriority(process["ioPriority"]), Personality(linux["personality"]));
        return spec is { Scheduler: null, IoPriority: null, Personality: null } ? null : spec;
    }

    private static SchedulerSpec? Scheduler(Member member)
    {
        if (member.IsEmpty)
            return null;
        var text = member["policy"].Required();
        if (text.Length > 0 && SchedulerSpec.Policy(text) is null)
            member["policy"].Refuse($"{text} is no policy of sched(7)");
        var flags = 0UL;
        foreach (var flag in member["flags"].Items())
        {
            var at = Array.IndexOf(Flags, (flag.Text() ?? "").Replace("SCHED_FLAG_", "", StringComparison.Ordinal));
            if (at < 0)
                flag.Refuse($"{flag.Text()} is no flag of sched_setattr(2)");
            else
                flags |= 1UL << at;
        }

        return new SchedulerSpec(text, flags, (int)Clamped(member["nice"], -20, 19), (uint)Clamped(member["priority"], 0, 99),
            member["runtime"].Large() ?? 0, member["deadline"].Large() ?? 0, member["period"].Large() ?? 0);
    }

    private static int? IoPriority(Member member)
    {
        if (member.IsEmpty)
            return null;
        var text = member["class"].Required();
        var at = Array.IndexOf(Classes, text);
        if (at < 0)
            member["class"].Refuse($"must be one of {string.Join(", ", Classes)}");
        const int shift = 13;
        return ((at + 1) << shift) | (int)Clamped(member["priority"], 0, 7);
    }

    private static uint? Personality(Member member)
    {
        if (member.IsEmpty)
            return null;
        if (!member["flags"].IsEmpty)
            member["flags"].Refuse("there are none");
        var text = member["domain"].Required();
        if (Array.Exists(Domains, d => d.Name == text))
            return Domains.First(d => d.Name == text).Number;
        member["domain"].Refuse($"must be one of {string.Join(", ", Domains.Select(static d => d.Name))}");
        return null;
    }

    private static long Clamped(Member member, long least, long most)
    {
        var number = member.Number() ?? 0;
        if (number < least || number > most)
            member.Refuse($"must be a number from {least} to {most}");
        return Math.Clamp(number, least, most);
    }
}
