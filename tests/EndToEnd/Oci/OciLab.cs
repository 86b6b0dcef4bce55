using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provision.EndToEnd.Oci;

/// <summary>
/// A bundle of busybox and directories of the test's own for two runtimes, ours and crun as the peer. Disposed, every
/// container is gone, and its cgroups with it.
/// </summary>
public abstract class OciLab : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly OwnDirectory _directory = new("/var/tmp");
    private readonly List<(string Runtime, string Id)> _made = [];

    protected OciLab()
    {
        Group = UniqueName.Of("provision-oci");
        Directory.CreateDirectory(Path.Combine(Root, "bin"));
        File.Copy("/bin/busybox", Path.Combine(Root, "bin/busybox"));
        foreach (var name in new[] { "sh", "cat", "sleep", "id", "ls", "true", "ps", "stat", "stty", "rm" })
            File.CreateSymbolicLink(Path.Combine(Root, "bin", name), "busybox");
        foreach (var name in new[] { "dev", "etc", "proc", "sys", "tmp" })
            Directory.CreateDirectory(Path.Combine(Root, name));
    }

    /// <summary>The cgroup above those of the test's containers.</summary>
    protected string Group { get; }

    protected string Bundle => Path.Combine(_directory.Path, "bundle");

    protected string Root => Path.Combine(Bundle, "rootfs");

    /// <summary>A name for a container that nobody has.</summary>
    protected static string NewId() => UniqueName.Of("c");

    protected string At(string name) => Path.Combine(_directory.Path, name);

    /// <summary>Writes config.json: what crun proposes, of this shell line and with these changes.</summary>
    protected void Configure(string line, Action<JsonObject>? change = null, string? id = null)
    {
        var config = JsonNode.Parse(Proposed)!.AsObject();
        config["process"]!["terminal"] = false;
        config["process"]!["args"] = new JsonArray("/bin/sh", "-c", line);
        config["linux"]!["cgroupsPath"] = $"/{Group}/{id ?? "one"}";
        var namespaces = config["linux"]!["namespaces"]!.AsArray();
        // The peer proposes one where all controllers are v2's.
        if (namespaces.All(static n => (string?)n!["type"] != "cgroup"))
            namespaces.Add(JsonNode.Parse("""{"type": "cgroup"}"""));
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(Bundle, "config.json"), config.ToJsonString());
    }

    /// <summary>Our runtime, to its end.</summary>
    internal CommandResult Oci(params string[] words) => Runtime("provision", words);

    /// <summary>A runtime by name, to its end.</summary>
    internal CommandResult Runtime(string name, params string[] words) => RuntimeWith(name, "", words);

    /// <summary>The same with standard input.</summary>
    internal CommandResult RuntimeWith(string name, string stdin, params string[] words)
    {
        if (words is ["create" or "run", .., var id])
            _made.Add((name, id));
        // Into files: what a container holds of a pipe would be waited for.
        var (output, errors) = (At(UniqueName.Of("out")), At(UniqueName.Of("err")));
        var start = Start(name, words);
        var ended = Command.Run(new ProcessStartInfo("/bin/sh",
            ["-c", "out=$1 err=$2; shift 2; exec \"$@\" >\"$out\" 2>\"$err\"", "sh", output, errors, start.FileName, .. start.ArgumentList]), stdin, Patience);
        return ended with { CommandLine = $"{name} {string.Join(' ', words)}", Out = File.ReadAllText(output), Err = File.ReadAllText(errors) };
    }

    internal ProcessStartInfo Start(string name, string[] words) => name == "provision"
        ? new ProcessStartInfo(Binary.Path, ["oci", "--root", At("provision"), .. words])
        : new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", WithoutUnified, "sh", name, "--root", At(name), "--cgroup-manager", "cgroupfs", .. words]);

    // The peer refuses a host that has both where v2 has controllers: it does not see it.
    private const string WithoutUnified = "! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; exec \"$@\"";

    /// <summary>Creates it in the background of the command: pid of its first process.</summary>
    internal int Create(string id, string runtime = "provision", params string[] more)
    {
        Runtime(runtime, ["create", "--bundle", Bundle, "--pid-file", At(id + ".pid"), .. more, id]).Succeeded();
        return int.Parse(File.ReadAllText(At(id + ".pid")), System.Globalization.CultureInfo.InvariantCulture);
    }

    internal JsonElement State(string id, string runtime = "provision") => Runtime(runtime, "state", id).Succeeded().Json;

    internal string Status(string id, string runtime = "provision") => State(id, runtime).GetProperty("status").GetString()!;

    /// <summary>Waits until it is so.</summary>
    internal static void Until(Func<bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"not within {Patience}: {what}");
            Thread.Sleep(20);
        }
    }

    /// <summary>A field of /proc/PID/status.</summary>
    internal static string ProcStatus(int pid, string field) =>
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Trim();

    public void Dispose()
    {
        foreach (var (runtime, id) in _made)
            Runtime(runtime, "delete", "--force", id);
        var left = Hierarchies().Where(h => Directory.Exists($"{h}/{Group}")).SelectMany(h => Directory.GetDirectories($"{h}/{Group}"))
            .Where(static leaf => Path.GetFileName(leaf) != "conmon")
            // What the peer leaves of a creation that failed is its own affair.
            .Where(leaf => !_made.Contains(("crun", Path.GetFileName(leaf)))).ToList();
        foreach (var hierarchy in Hierarchies())
            Until(() => IsRemoved($"{hierarchy}/{Group}"), $"{hierarchy}/{Group} is empty");

        // An engine cleans up in the background, after its containers.
        Until(() => !Directory.EnumerateDirectories("/proc").Any(p => Mentions(p, _directory.Path)), $"nobody works in {_directory.Path}");
        _directory.Dispose();
        Assert.Empty(left);
        GC.SuppressFinalize(this);
    }

    private static bool Mentions(string process, string path)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) && File.ReadAllText($"{process}/cmdline").Contains(path, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Podman's monitors have a cgroup there, and end a moment after their containers.
    private static bool IsRemoved(string group)
    {
        try
        {
            if (!Directory.Exists(group))
                return true;
            foreach (var leaf in Directory.GetDirectories(group))
                Directory.Delete(leaf);
            Directory.Delete(group);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static readonly Lazy<string> Spec = new(static () =>
    {
        using var directory = new OwnDirectory("/var/tmp");
        Command.Run(new ProcessStartInfo("crun", ["spec"]) { WorkingDirectory = directory.Path }).Succeeded();
        return File.ReadAllText(Path.Combine(directory.Path, "config.json"));
    });

    private static string Proposed => Spec.Value;

    private static IEnumerable<string> Hierarchies() =>
        File.Exists("/sys/fs/cgroup/cgroup.controllers") ? ["/sys/fs/cgroup"] : Directory.GetDirectories("/sys/fs/cgroup");
}
