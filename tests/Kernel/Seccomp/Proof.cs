using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>Runs a program against the model of its rules.</summary>
internal static class Proof
{
    public static readonly uint[] Audits = [0xC000003E, 0x40000003, 0xC00000B7, 0x40000028, 0, 0xC0000015];

    /// <summary>0–1023, the same with x32's bit, the ends of ranges, negative numbers, arm's private calls.</summary>
    public static IEnumerable<uint> Numbers { get; } =
    [
        .. Range(0, 1024), .. Range(0x40000000, 1024), .. Range(0x3ffffff0, 16), .. Range(0x7ffffff0, 32), .. Range(0xbffffff0, 32),
        .. Range(0xfffffc00, 1024), .. Range(0x0efff8, 32),
    ];

    /// <summary>Every number × architecture × boundary argument: where program and model disagree, at most five.</summary>
    public static List<string> Disagreements(string profile, SeccompTarget target, IEnumerable<uint>? numbers = null)
    {
        var program = Profiles.Program(profile, target);
        var model = new RuleModel(profile, target);
        var wrong = new List<string>();
        foreach (var audit in Audits)
            foreach (var number in numbers ?? Numbers)
                foreach (var arguments in model.Arguments(audit, number))
                {
                    var is_ = program.Run(new SeccompData(number, audit, [.. arguments])).Action;
                    var should = new SeccompAction(model.Verdict(audit, number, arguments));
                    if (is_ != should && wrong.Count < 5)
                        wrong.Add($"0x{audit:x} {number} ({string.Join(", ", arguments.Select(static a => $"0x{a:x}"))}): {is_}, not {should}");
                }

        return wrong;
    }

    private static IEnumerable<uint> Range(uint from, uint count)
    {
        for (var i = 0u; i < count; i++)
            yield return from + i;
    }
}
