using System.Text.Json;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;

namespace Provision.Cli.Oci;

/// <summary><c>features</c>: what this runtime can do (features.md of the runtime specification).</summary>
internal static class OciFeatures
{
    public static int Print(OciRun run, IReadOnlyList<string> arguments)
    {
        OciWords.Parse(arguments, run.Command, firstEnds: false);
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true }))
            Write(json);
        run.Print(memory.ToArray());
        return ExitCode.Done;
    }

    private static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("ociVersionMin", "1.0.0");
        json.WriteString("ociVersionMax", "1.2.0");
        List(json, "hooks", ["prestart", "createRuntime", "poststart", "poststop"]);
        List(json, "mountOptions", BundleReader.MountOptions);
        json.WriteStartObject("linux");
        List(json, "namespaces", BundleReader.Namespaces);
        List(json, "capabilities", Capability.Names);
        json.WriteStartObject("cgroup");
        foreach (var (name, can) in new[] { ("v1", true), ("v2", true), ("systemd", false), ("systemdUser", false), ("rdma", false) })
            json.WriteBoolean(name, can);
        json.WriteEndObject();
        json.WriteStartObject("seccomp");
        json.WriteBoolean("enabled", true);
        List(json, "actions", SeccompWords.Actions.Where(static a => a != "SCMP_ACT_NOTIFY"));
        List(json, "operators", SeccompWords.Comparisons);
        json.WriteEndObject();
        foreach (var name in new[] { "apparmor", "selinux" })
        {
            json.WriteStartObject(name);
            json.WriteBoolean("enabled", true);
            json.WriteEndObject();
        }

        json.WriteStartObject("intelRdt");
        json.WriteBoolean("enabled", false);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("io.provision.version", BuildInfo.FullVersion);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
