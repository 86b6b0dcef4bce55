using System.Diagnostics;
using System.Text.RegularExpressions;
using Provision.Testing;

namespace Provision.Kernel.Seccomp;

/// <summary>The running kernel's own prototypes of its system calls (tracefs, events/syscalls) against the table of argument widths.</summary>
public sealed class ArgumentWidthTests
{
    private const string Dump =
        "mount -t tracefs none /mnt && cd /mnt/events/syscalls && for d in sys_enter_*; do echo \"= $d\"; grep -P '^\\tfield:' $d/format; done";

    // What the kernel looks at of a register; everything else that is no pointer has the size of one.
    private static readonly Dictionary<string, int> Sizes = new()
    {
        ["umode_t"] = 16,
        ["old_uid_t"] = 16,
        ["old_gid_t"] = 16,
    };

    // Named otherwise here than in the tables of numbers.
    private static readonly Dictionary<string, string> Names = new() { ["newfstat"] = "fstat", ["newstat"] = "stat", ["newlstat"] = "lstat", ["newuname"] = "uname", ["umount"] = "umount2" };

    private static readonly string[] Words =
    [
        "int", "unsigned", "unsigned int", "uint32_t", "u32", "__u32", "s32", "__s32", "pid_t", "uid_t", "gid_t", "key_t", "key_serial_t", "clockid_t",
        "timer_t", "mqd_t", "qid_t", "rwf_t",
    ];

    private static readonly string[] Registers =
    [
        "long", "unsigned long", "size_t", "loff_t", "off_t", "u64", "__u64", "uint64_t", "aio_context_t", "cap_user_header_t", "cap_user_data_t", "__sighandler_t",
        "long unsigned int",
    ];

    [RootFact]
    public void Widths_OfEachCallOfTheRunningKernel_AreThoseOfItsPrototypes()
    {
        var told = Command.Run(new ProcessStartInfo("/usr/bin/unshare", ["--mount", "bash", "-c", Dump]), "", TimeSpan.FromMinutes(5)).Succeeded().Out;
        var (wrong, unknown, compared) = (new List<string>(), new List<string>(), 0);
        foreach (var call in told.Split("= sys_enter_", StringSplitOptions.RemoveEmptyEntries))
        {
            var name = call[..call.IndexOf('\n')];
            name = Names.GetValueOrDefault(name, name);
            // Before offset 16 is what all events have, and the number.
            var types = Regex.Matches(call, @"field:(.+?)\s*\b\w+;\s*offset:(\d+);").Where(static m => int.Parse(m.Groups[2].Value) >= 16).Select(static m => m.Groups[1].Value.Replace("const ", "")).ToList();
            for (var i = 0; i < types.Count; i++)
            {
                int? bits = types[i].Contains('*') || Registers.Contains(types[i]) ? 64
                    : Words.Contains(types[i]) || types[i].StartsWith("enum ", StringComparison.Ordinal) ? 32
                    : Sizes.TryGetValue(types[i], out var size) ? size : null;
                if (bits is null)
                    unknown.Add($"{name} {i} {types[i]}");
                else if (ArgumentWidths.Bits(name, i) != bits)
                    wrong.Add($"{name} {i}: {ArgumentWidths.Bits(name, i)} bits, the kernel has {types[i]}");
                compared++;
            }
        }

        Assert.True(compared > 800, $"{compared} arguments compared");
        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
