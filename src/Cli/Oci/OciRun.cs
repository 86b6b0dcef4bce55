using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Provision.Kernel;
using Provision.Kernel.Runtime;

namespace Provision.Cli.Oci;

/// <summary>One command of the runtime: its options, and what all commands do alike.</summary>
internal sealed partial class OciRun(Surroundings host, OciWords global, string command)
{
    public Surroundings Host => host;

    public OciWords Global => global;

    /// <summary>For messages.</summary>
    public string Command => command;

    public RuntimeStore Store { get; } = new(global.Value("root") ?? Path.Combine(host.RunDirectory, "oci"));

    public CgroupLayout Layout => field ??= CgroupLayout.Discover();

    public BundleHost BundleHost => new(Layout.For("memory")?.Unified ?? Layout.Unified is not null, HostFacts.KernelRelease);

    /// <summary>The id of a container, which names a directory.</summary>
    public string IdOf(OciWords words, int more = 0)
    {
        if (words.Words.Count == 0)
            throw new OciException($"{command}: the container's ID is missing");
        if (words.Words.Count > 1 + more)
            throw new OciException($"{command}: {words.Words[1 + more]} is one word too many");
        var id = words.Words[0];
        return Id().IsMatch(id) && id is not ("." or "..") ? id
            : throw new OciException($"container ID {id}: must be of letters, digits, _, +, - and ., at most 1024, and not . or ..");
    }

    /// <summary>A container that is there.</summary>
    public RuntimeState Find(string id) =>
        Store.Read(id) ?? throw new OciException($"container {id} does not exist");

    /// <summary>What it is doing, by the kernel.</summary>
    public string StatusOf(RuntimeState state)
    {
        if (state.Pid == 0)
            return "creating";
        if (!RuntimeProcess.IsAlive(state.Pid, state.StartTime))
            return "stopped";
        if (Store.IsWaiting(state.Id))
            return "created";
        using var cgroup = new RuntimeCgroup(Layout, state.Cgroup);
        return cgroup.IsFrozen() == true ? "paused" : "running";
    }

    /// <summary>The state of the runtime specification, as hooks and <c>state</c> have it.</summary>
    /// <param name="full">With what other runtimes add.</param>
    public byte[] Json(RuntimeState state, string status, string config, bool full)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = full }))
        {
            json.WriteStartObject();
            json.WriteString("ociVersion", "1.0.2");
            json.WriteString("id", state.Id);
            json.WriteString("status", status);
            json.WriteNumber("pid", status is "stopped" ? 0 : state.Pid);
            json.WriteString("bundle", state.Bundle);
            if (full)
            {
                json.WriteString("rootfs", BundleReader.RootOf(config, state.Bundle));
                json.WriteString("created", state.Created);
                json.WriteString("owner", "root");
            }

            json.WriteStartObject("annotations");
            foreach (var (name, value) in BundleReader.Annotations(config))
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return memory.ToArray();
    }

    /// <summary>A file of the caller's.</summary>
    public static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new OciException($"reading {path}: {OciErrors.Text(FileError.Errno(e))}");
        }
    }

    public void Print(ReadOnlySpan<byte> utf8) => Print(Encoding.UTF8.GetString(utf8));

    public void Print(string text)
    {
        host.Out.Write(text);
        host.Out.Write('\n');
        host.Out.Flush();
    }

    /// <summary>Tells what does not end the command.</summary>
    public void Warn(string message) => OciErrors.Tell(host, global, "warning", message);

    public static OciException Refused(string where, IReadOnlyList<Refusal> refusals) =>
        new($"{where}: {string.Join("; ", refusals)}");

    [GeneratedRegex(@"\A[\w+.-]{1,1024}\z")]
    private static partial Regex Id();
}
