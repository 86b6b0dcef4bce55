using System.Diagnostics;
using System.Text.Json;
using Provision.Kernel.Seccomp;
using Provision.Testing;

namespace Provision.Kernel.Reading;

/// <summary>The kernel refuses, under the reading filter, more than a hundred ways to change something.</summary>
public sealed class MutationTests
{
    private const string Killed = "signal 31", Refused = "errno 38";

    // Refused so that whoever asks goes on without; everything else kills.
    private static readonly HashSet<string> DoneWithout =
    [
        "open for reading and writing", "openat2 for writing", "openat2 with a way of its own", "exclusive lock", "lease", "copy_file_range", "tkill", "limit of another",
        "priority of another", "affinity of another", "fork", "clone3", "unix socket", "internet socket", "packet socket", "nf_tables socket",
        "queue", "shared memory",
    ];

    [RootFact]
    public void Tries_UnderTheFilter_AreAllRefusedAndChangeNothing()
    {
        using var directory = new OwnDirectory();
        var arch = SeccompTarget.Native;
        var asked = new Dictionary<string, object>
        {
            // The process that may be signalled is none that there is: the largest pid is 4194304.
            ["program"] = Convert.ToHexString(new SeccompProgram([.. ReadingProgram.Pinned(new ReadingPins(0x7fffffff, 0x1000, 0, 0))]).Bytes.Span),
            ["numbers"] = ArchInfo.Of(arch).Table.Names.ToDictionary(static n => n, n => ArchInfo.Of(arch).Table.Number(n)),
            ["directory"] = directory.Path,
        };
        var script = Path.Combine(AppContext.BaseDirectory, "Reading", "mutations.py");

        var lines = Command.Run(new ProcessStartInfo("/usr/bin/python3", [script]), JsonSerializer.Serialize(asked), TimeSpan.FromMinutes(10)).Succeeded()
            .Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("victim: lives", lines[^1]);
        var tries = lines[..^1].Select(static l => (Name: l.Split(": ")[0], Said: l.Split(": ")[1].Split(", "))).ToList();
        Assert.All(tries, static t => Assert.Equal([DoneWithout.Contains(t.Name) ? Refused : Killed], t.Said[1..]));
        // They do change something where no filter is, but for what would harm the host, and programs that are not there.
        Assert.All(tries.Where(static t => t.Said[0] != "not tried"), static t => Assert.Equal(t.Name.StartsWith("execve", StringComparison.Ordinal) ? "errno 2" : "done", t.Said[0]));
        Assert.True(tries.Count > (arch == SeccompArch.X86_64 ? 110 : 90), $"{tries.Count} tries");
    }
}
